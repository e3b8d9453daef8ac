# SPDX-License-Identifier: Apache-2.0
"""Registration by gradient descent: Adam on the photometric error, from coarse to fine."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from foveal.apps.registration.gauss_newton import Estimate, GaussNewton
from foveal.apps.registration.level import Level
from foveal.geometry.transform import ImageRegistrator

# Of models that `ImageRegistrator` has.
FIRST_ORDER = ("translation", "similarity", "homography")


def descend(
    fixed: Float[Tensor, "h w"], moving: Float[Tensor, "h2 w2"], model: str, keep: Callable[[Level], None]
) -> tuple[Estimate, GaussNewton]:
    """Register as `ImageRegistrator` does by default: photometric L1, Adam at 1e-3, five levels of 100 steps."""
    if model not in FIRST_ORDER:
        raise ValueError(f"model must be one of {', '.join(FIRST_ORDER)} for adam, got {model!r}")
    registrator = ImageRegistrator(model, allow_shape_mismatch=True)
    normalized = registrator.register(moving[None, None], fixed[None, None])
    assert isinstance(normalized, Tensor)
    to_pixels, from_pixels = torch.linalg.inv(_edges(moving)), _edges(fixed)
    matrix = to_pixels @ normalized.detach().double() @ from_pixels
    gauss_newton = GaussNewton(fixed, moving, model)
    one, zero = torch.ones(1), torch.zeros(1)
    identity = torch.linalg.inv(_edges(moving)) @ _edges(fixed)
    costs = [
        float(gauss_newton.errors(Estimate(m.view(1, 3, 3), one, zero)).residual.abs().mean())
        for m in (identity, matrix)
    ]
    keep(Level(fixed.shape[0], fixed.shape[1], model, costs))
    return Estimate(matrix / matrix[:, 2:, 2:], one, zero), gauss_newton


def _edges(image: Float[Tensor, "h w"]) -> Float[Tensor, "3 3"]:
    """Return the transform from pixels to coordinates that are [-1, 1] from edge to edge."""
    height, width = image.shape
    x, y = 2 / width, 2 / height
    return torch.tensor([[x, 0, x / 2 - 1], [0, y, y / 2 - 1], [0, 0, 1]], dtype=torch.float64)
