# SPDX-License-Identifier: Apache-2.0
"""The second-order Taylor step to the top of a peak, on the map or on its logarithm."""

import torch
from torch import Tensor

# Where a pixel is less than this part of the peak, the logarithm sees this part.
FLOOR = 1e-4
# Least determinant of the Hessian, as a part of the product of its diagonal: 1 is round, 0 a ridge without a top.
ROUNDNESS = 1e-3
# No top is farther than this from the largest pixel, in pixels along each axis.
REACH = 1.0


def taylor_offsets(values: Tensor, row_inside: Tensor, column_inside: Tensor, moved: Tensor, *, log: bool) -> Tensor:
    """Return the offset (dx, dy) of the top of the parabola through 3x3 pixels from the largest pixel.

    An axis that curves upwards, is flat, or has a neighbour outside the map gives no offset; where the Hessian has no
    top for its mixed term (a saddle or a ridge), each axis is solved by itself.

    Args:
        values: pixels, (n, 3, 3).
        row_inside: which of their rows lie inside the map, (n, 3).
        column_inside: which of their columns do, (n, 3).
        moved: (x, y) of the centre of the pixels minus the largest pixel, (n, 2).
        log: fit the parabola to the logarithm, which is exact for a Gaussian of any width and turn.

    Source: Lowe 2004, "Distinctive image features from scale-invariant keypoints", equation 3; for the logarithm
    Zhang et al. 2020, "Distribution-aware coordinate representation for human pose estimation", equation 7.
    """
    scale = values.detach().abs().amax(dim=(-2, -1)).clamp_min(torch.finfo(values.dtype).tiny)
    surface = values / scale[:, None, None]
    if log:
        surface = surface.clamp_min(FLOOR).log()
    (a, b, c), (d, e, f), (g, h, i) = (row.unbind(-1) for row in surface.unbind(-2))
    # Differences below the rounding of the values are no curvature.
    rounding = 4 * torch.finfo(values.dtype).eps
    curved_x = column_inside.all(dim=-1) & (2 * e - d - f > rounding)
    curved_y = row_inside.all(dim=-1) & (2 * e - b - h > rounding)
    slope_x, slope_y = torch.where(curved_x, (f - d) / 2, 0), torch.where(curved_y, (h - b) / 2, 0)
    bend_x, bend_y = torch.where(curved_x, 2 * e - d - f, 1), torch.where(curved_y, 2 * e - b - h, 1)
    mixed = torch.where(curved_x & curved_y, (i - g - c + a) / 4, 0)
    determinant = bend_x * bend_y - mixed * mixed
    mixed = torch.where(determinant > ROUNDNESS * bend_x * bend_y, mixed, 0)
    determinant = bend_x * bend_y - mixed * mixed
    step = torch.stack([bend_y * slope_x + mixed * slope_y, bend_x * slope_y + mixed * slope_x], dim=-1)
    # A stencil that was moved inside and finds no top says nothing about the pixel that it was moved from.
    curved = torch.stack([curved_x, curved_y], dim=-1)
    return torch.where(curved, moved + step / determinant[:, None], 0).clamp(-REACH, REACH)
