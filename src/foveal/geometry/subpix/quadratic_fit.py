# SPDX-License-Identifier: Apache-2.0
"""The quadratic through the neighbourhood of each voxel, and its extremum."""

import torch
from torch import Tensor
from torch.nn.functional import pad

SINGULAR = 1e-7
"""The determinant at which a Hessian counts as singular when its largest entry is one."""


def grid_coordinates(volume: Tensor) -> Tensor:
    """Return the coordinates (scale, x, y) of the voxels of a volume (..., D, H, W), as (3, D, H, W)."""
    axes = [torch.arange(size, device=volume.device, dtype=volume.dtype) for size in volume.shape[-3:]]
    scale, y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([scale, x, y])


def interior(volume: Tensor) -> Tensor:
    """Return the mask of the voxels that have all 26 neighbours, (D, H, W)."""
    axes = [torch.arange(size, device=volume.device) for size in volume.shape[-3:]]
    scale, y, x = ((axis > 0) & (axis < len(axis) - 1) for axis in axes)
    return scale[:, None, None] & y[:, None] & x


def quadratic_fit(volume: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Fit a quadratic to each voxel and its neighbours by central differences.

    Args:
        volume: values, (..., D, H, W).

    Returns:
        The shift (scale, x, y) from each voxel to the extremum of its fit, (..., 3, D, H, W); the fit's value there,
        (..., D, H, W); and where the fit is regular, (..., D, H, W): inside the border, and with a Hessian that is far
        from singular at any contrast. Elsewhere the shift is zero and the value the voxel's own.
    """
    depth, height, width = volume.shape[-3:]
    padded = pad(volume, (1, 1, 1, 1, 1, 1))

    def at(scale: int, x: int, y: int) -> Tensor:
        return padded[..., 1 + scale : 1 + scale + depth, 1 + y : 1 + y + height, 1 + x : 1 + x + width]

    gradient = torch.stack(
        [
            (at(1, 0, 0) - at(-1, 0, 0)) / 2,
            (at(0, 1, 0) - at(0, -1, 0)) / 2,
            (at(0, 0, 1) - at(0, 0, -1)) / 2,
        ],
        dim=-4,
    )
    hessian = torch.stack(
        [
            at(1, 0, 0) - 2 * volume + at(-1, 0, 0),
            at(0, 1, 0) - 2 * volume + at(0, -1, 0),
            at(0, 0, 1) - 2 * volume + at(0, 0, -1),
            (at(1, 1, 0) - at(1, -1, 0) - at(-1, 1, 0) + at(-1, -1, 0)) / 4,
            (at(1, 0, 1) - at(1, 0, -1) - at(-1, 0, 1) + at(-1, 0, -1)) / 4,
            (at(0, 1, 1) - at(0, 1, -1) - at(0, -1, 1) + at(0, -1, -1)) / 4,
        ],
        dim=-4,
    )

    # In units of its largest entry, the Hessian has a determinant that knows no contrast and neither over- nor
    # underflows. The shift does not depend on the unit, so the unit has no gradient.
    unit = hessian.detach().abs().amax(dim=-4, keepdim=True)
    unit = torch.where(unit > 0, unit, 1)
    gradient, hessian = gradient / unit, hessian / unit
    regular = (
        interior(volume)
        & (determinant(hessian.detach()).abs() > SINGULAR)
        & (gradient.detach().abs() < 1 / SINGULAR).all(dim=-4)
    )
    # What is not regular is replaced before the division, so that no NaN or infinity meets the gradient.
    chosen = regular.unsqueeze(-4)
    identity = hessian.new_tensor([1, 1, 1, 0, 0, 0]).view(6, 1, 1, 1)
    unit = torch.where(chosen, unit, 1)
    gradient, hessian = torch.where(chosen, gradient, 0), torch.where(chosen, hessian, identity)

    ss, xx, yy, sx, sy, xy = cofactors(hessian)
    g_s, g_x, g_y = gradient.unbind(dim=-4)
    adjugate_times_gradient = torch.stack(
        [
            ss * g_s + sx * g_x + sy * g_y,
            sx * g_s + xx * g_x + xy * g_y,
            sy * g_s + xy * g_x + yy * g_y,
        ],
        dim=-4,
    )
    shift = -adjugate_times_gradient / determinant(hessian).unsqueeze(-4)
    value = volume + (unit * gradient * shift).sum(dim=-4) / 2
    return shift, value, regular


def cofactors(symmetric: Tensor) -> tuple[Tensor, ...]:
    """Return the cofactors of 3x3 matrices, both in the order (11, 22, 33, 12, 13, 23) along the fourth last axis."""
    a, b, c, d, e, f = symmetric.unbind(dim=-4)
    return b * c - f * f, a * c - e * e, a * b - d * d, e * f - d * c, d * f - e * b, d * e - a * f


def determinant(symmetric: Tensor) -> Tensor:
    """Return the determinants of 3x3 matrices that are laid out as in `cofactors`."""
    of_11, _, _, of_12, of_13, _ = cofactors(symmetric)
    a, _, _, d, e, _ = symmetric.unbind(dim=-4)
    return a * of_11 + d * of_12 + e * of_13
