# SPDX-License-Identifier: Apache-2.0
"""From the largest pixel of a peak to its position between the pixels."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from foveal._check import check_option, check_size
from foveal.peaks.gaussian_fit import gaussian_offsets
from foveal.peaks.taylor import taylor_offsets

REFINEMENTS = (None, "integral", "local", "quadratic", "log_quadratic", "gaussian")


class Refinement(NamedTuple):
    """One of `REFINEMENTS`, the side of the window of "integral" and the largest one of "gaussian"."""

    name: str | None = None
    integral_patch_size: int = 5
    window: int = 25


def check_refinement(refinement: Refinement) -> None:
    """Raise ValueError for an unknown refinement, TypeError or ValueError for a window that has no centre pixel."""
    check_option(refinement.name, "refinement", REFINEMENTS)
    check_odd(refinement.integral_patch_size, "integral_patch_size")
    check_odd(refinement.window, "window")


def check_odd(value: Any, name: str) -> None:
    """Raise unless `value` is an odd integer of at least 3."""
    if not isinstance(value, int):
        raise TypeError(f"{name} must be an odd integer of at least 3, got {type(value).__name__}")
    if value < 3 or value % 2 == 0:
        raise ValueError(f"{name} must be an odd integer of at least 3, got {value}")


def check_maps(cms: Tensor) -> None:
    """Raise ValueError for maps without a pixel."""
    check_size(tuple(cms.shape[-2:]), "height and width of cms", 2)


class Windows(NamedTuple):
    """Pixels around rough peaks.

    Args:
        values: the pixels, (n, side, side), float32 at the least; places outside repeat the border.
        rows: row of each, (n, side).
        columns: column of each, (n, side).
        row_inside: which rows lie inside the map, (n, side).
        column_inside: which columns do, (n, side).
        moved: (x, y) of the window's centre minus the rough peak, (n, 2).
    """

    values: Tensor
    rows: Tensor
    columns: Tensor
    row_inside: Tensor
    column_inside: Tensor
    moved: Tensor


def refine_peaks(cms: Tensor, map_indices: Tensor, rows: Tensor, columns: Tensor, refinement: Refinement) -> Tensor:
    """Return the refined points (x, y) of rough peaks; gradients flow to the pixels around each.

    Args:
        cms: maps, (samples, channels, height, width).
        map_indices: sample * channels + channel of each peak, (n,).
        rows: its row, (n,).
        columns: its column, (n,).
        refinement: how.

    Returns:
        Points, (n, 2), in the dtype of the maps, float32 at the least: half precision cannot tell two pixels apart
        beyond column 2048 (float16) or 256 (bfloat16).
    """
    rough = torch.stack([columns, rows], dim=-1).to(torch.promote_types(cms.dtype, torch.float32))
    if refinement.name is None:
        return rough
    return rough + find_offsets(cut_windows(cms, map_indices, rows, columns, refinement), refinement)


def cut_windows(cms: Tensor, map_indices: Tensor, rows: Tensor, columns: Tensor, refinement: Refinement) -> Windows:
    """Cut the pixels that a refinement needs out of the maps; arguments as of `refine_peaks`."""
    maps = cms.flatten(0, 1)
    height, width = maps.shape[1:]
    centre_row, centre_column = rows, columns
    if refinement.name == "log_quadratic":
        # At the border the stencil moves inside: a parabola through any three samples of a Gaussian's log is exact.
        centre_row = rows.clamp(1, height - 2) if height >= 3 else rows
        centre_column = columns.clamp(1, width - 2) if width >= 3 else columns
    side = {"integral": refinement.integral_patch_size, "gaussian": refinement.window}.get(refinement.name or "", 3)
    steps = torch.arange(side, device=cms.device) - side // 2
    row, column = centre_row[:, None] + steps, centre_column[:, None] + steps
    row_inside, column_inside = (row >= 0) & (row < height), (column >= 0) & (column < width)
    row, column = row.clamp(0, height - 1), column.clamp(0, width - 1)
    values = maps[map_indices[:, None, None], row[:, :, None], column[:, None, :]]
    values = values.to(torch.promote_types(cms.dtype, torch.float32))
    moved = torch.stack([centre_column - columns, centre_row - rows], dim=-1).to(values.dtype)
    return Windows(values, row, column, row_inside, column_inside, moved)


def find_offsets(windows: Windows, refinement: Refinement) -> Tensor:
    """Return the offset (dx, dy) of each refined peak from its pixel, (n, 2); 0 where it would not be finite."""
    values, _, _, row_inside, column_inside, moved = windows
    if refinement.name == "integral":
        offsets = _integral_offsets(values, row_inside, column_inside)
    elif refinement.name == "local":
        offsets = _local_offsets(values, row_inside, column_inside)
    elif refinement.name == "gaussian":
        offsets = gaussian_offsets(values, row_inside, column_inside)
    else:
        offsets = taylor_offsets(values, row_inside, column_inside, moved, log=refinement.name == "log_quadratic")
    return torch.where(offsets.isfinite(), offsets, 0)


def _integral_offsets(values: Tensor, row_inside: Tensor, column_inside: Tensor) -> Tensor:
    """Return the mean position of the window's mass.

    A pixel whose mirror image lies outside the map is left out with it: zeros there would drag the mean inwards.
    """
    rows, columns = row_inside & row_inside.flip(-1), column_inside & column_inside.flip(-1)
    values = torch.where(rows[:, :, None] & columns[:, None, :], values, 0)
    reach = values.shape[-1] // 2
    steps = torch.arange(-reach, reach + 1, device=values.device, dtype=values.dtype)
    total = values.sum(dim=(-2, -1))
    firm = total > torch.finfo(values.dtype).eps * values.abs().sum(dim=(-2, -1))
    mass = torch.stack([(values.sum(dim=-2) * steps).sum(dim=-1), (values.sum(dim=-1) * steps).sum(dim=-1)], dim=-1)
    offsets = mass / torch.where(firm, total, 1)[:, None]
    return torch.where(firm[:, None], offsets, 0).clamp(-reach, reach)


def _local_offsets(values: Tensor, row_inside: Tensor, column_inside: Tensor) -> Tensor:
    """Return a quarter of a pixel towards the larger neighbour of each axis, none where one of the two is outside."""
    difference = torch.stack([values[:, 1, 2] - values[:, 1, 0], values[:, 2, 1] - values[:, 0, 1]], dim=-1)
    inside = torch.stack([column_inside.all(dim=-1), row_inside.all(dim=-1)], dim=-1)
    return torch.where(inside, 0.25 * difference.sign(), 0)
