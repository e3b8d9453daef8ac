# SPDX-License-Identifier: Apache-2.0
"""Areas of convex polygons."""

import torch
from torch import Tensor


def polygon_area(vertices: Tensor) -> Tensor:
    """Return the areas of convex polygons (*, V, 2), whatever the order of their vertices (shoelace formula)."""
    centred = vertices - vertices.mean(dim=-2, keepdim=True)
    # The order has no gradient, and atan2 none at the centre.
    angles = torch.atan2(centred.detach()[..., 1], centred.detach()[..., 0])
    around = angles.argsort(dim=-1)[..., None].expand(centred.shape)
    x, y = centred.gather(-2, around).unbind(dim=-1)
    return (x * y.roll(-1, dims=-1) - y * x.roll(-1, dims=-1)).sum(dim=-1).abs() / 2
