# SPDX-License-Identifier: Apache-2.0
"""A first depth: that of the plane, parallel to the image, which fits best around each pixel."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal.apps.depth.photometric import least_error, photometric_error
from foveal.apps.depth.views import Reprojection
from foveal.filters import guided_blur, median_blur

# Planes that are warped at a time.
CHUNK = 8
# Of the guided filter that gathers errors around a pixel, but not across edges of the image (Hosni et al. 2013, "Fast
# cost-volume filtering for visual correspondence and beyond").
WINDOW, EDGE = 9, 1e-3


def sweep_planes(
    image: Float[Tensor, "1 3 height width"], others: list[Reprojection], low: float, high: float, planes: int
) -> Float[Tensor, "1 1 height width"]:
    """Return the inverse depth of least photometric error out of `planes` between `low` and `high`, refined."""
    height, width = image.shape[-2:]
    steps = torch.linspace(low, high, planes, device=image.device)
    costs: list[Tensor] = []
    for chunk in steps.split(CHUNK):
        inverse_depth = chunk.view(-1, 1, 1, 1).expand(-1, 1, height, width)
        errors, seen = [], []
        for other in others:
            warped, visible = other.warp(inverse_depth)
            errors.append(photometric_error(warped, image))
            seen.append(visible)
        error, visible = least_error(errors, seen)
        # A pixel that no view sees says nothing of the depth: it takes that of its neighbours.
        costs.append(torch.where(visible, error, 0.5))
    volume = guided_blur(image, torch.cat(costs).transpose(0, 1), WINDOW, EDGE)
    best = volume.argmin(dim=1, keepdim=True)
    inner = best.clamp(1, planes - 2)
    before, here, after = (volume.gather(1, inner + change) for change in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = torch.where(bend > 0, (before - after) / (2 * bend.clamp_min(1e-12)), 0).clamp(-0.5, 0.5)
    place = torch.where(best == inner, inner + shift, best.to(shift.dtype))
    return median_blur(low + place * (high - low) / (planes - 1), 5)
