# SPDX-License-Identifier: Apache-2.0
"""Extrema of scale-space volumes to a fraction of a voxel, by a quadratic fit to their 26 neighbours."""

import warnings

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import pad

from foveal._check import check_boolean, check_count, check_floating, check_option, check_same_shape, check_shape
from foveal._module import module
from foveal._op import op
from foveal.geometry.subpix.nms import strict_extrema
from foveal.geometry.subpix.quadratic_fit import grid_coordinates, interior, quadratic_fit

Volume = Float[Tensor, "batch channels depth height width"]
Coordinates = Float[Tensor, "batch channels 3 depth height width"]
Mask = Bool[Tensor, "batch channels depth height width"]


@op
def conv_quad_interp3d(
    input: Volume,
    n_iters: int = 5,
    strict_maxima_bonus: float | None = None,
    max_subpixel_shift: float = 0.6,
    precomputed_nms_mask: Mask | None = None,
    dilation_radius: int = 1,
    allow_scale_steps: bool = True,
) -> tuple[Coordinates, Volume]:
    """Refine the strict maxima of a volume, each to the extremum of the quadratic through its neighbourhood.

    Where that lies further than `max_subpixel_shift` along an axis, the centre moves one voxel that way and is fitted
    anew. A maximum stays where it is when a fit's Hessian is singular (relative to its largest entry), its last shift
    exceeds 1.5 voxels, it reaches the border or leaves the dilated maxima, or it has not settled after `n_iters` fits.

    Args:
        input: responses, (B, C, D, H, W); D is the scale axis.
        n_iters: number of fits at the most.
        strict_maxima_bonus: deprecated, without effect.
        max_subpixel_shift: largest shift, in voxels, of a centre that is settled.
        precomputed_nms_mask: the voxels to refine, instead of `nms3d(input, (3, 3, 3), mask_only=True)`.
        dilation_radius: how many voxels along each axis a centre may go from the nearest maximum.
        allow_scale_steps: let the centre move along the scale axis.

    Returns:
        Coordinates (scale, x, y) in voxels, (B, C, 3, D, H, W), and the value of the fit there, (B, C, D, H, W);
        elsewhere a voxel's own coordinates and response. Gradients flow through the fit, not through the moves.

    Raises:
        TypeError: an argument is of a wrong type.
        ValueError: a wrong shape, or a count below zero.

    >>> response = -(torch.linspace(-1, 1, 5)[:, None] - torch.tensor([0.0, 0.1, -0.2])) ** 2
    >>> volume = response[:, None, None, 0] + response[:, None, 1] + response[:, 2]
    >>> coordinates, _ = conv_quad_interp3d(volume[None, None])
    >>> coordinates[0, 0, :, 2, 2, 2]
    tensor([2.0000, 1.6000, 2.2000])

    Source: Brown and Lowe 2002, "Invariant features from interest point groups", section 2.1; Lowe 2004, section 4.
    """
    _check(input, n_iters, strict_maxima_bonus, precomputed_nms_mask)
    check_count(dilation_radius, "dilation_radius")
    maxima = _maxima(input, precomputed_nms_mask)
    return _refine(input, maxima, _dilate(maxima, dilation_radius), n_iters, max_subpixel_shift, allow_scale_steps)


class ConvQuadInterp3d(module(conv_quad_interp3d, inputs=("input", "precomputed_nms_mask"))): ...


@op
def iterative_quad_interp3d(
    input: Volume,
    n_iters: int = 5,
    strict_maxima_bonus: float | None = None,
    max_subpixel_shift: float = 0.6,
    allow_scale_steps: bool = True,
    precomputed_nms_mask: Mask | None = None,
    max_candidates: int | None = None,
) -> tuple[Coordinates, Volume]:
    """Refine the strict maxima of a volume as `conv_quad_interp3d` does, however far their centres move.

    Args:
        input: responses, (B, C, D, H, W); D is the scale axis.
        n_iters: number of fits at the most.
        strict_maxima_bonus: deprecated, without effect.
        max_subpixel_shift: largest shift, in voxels, of a centre that is settled.
        allow_scale_steps: let the centre move along the scale axis.
        precomputed_nms_mask: the voxels to refine, instead of `nms3d(input, (3, 3, 3), mask_only=True)`.
        max_candidates: refine only so many maxima of each volume, those of the largest responses (of equal ones the
            first).

    Returns:
        Coordinates (scale, x, y) and values as from `conv_quad_interp3d`.

    Raises:
        TypeError: an argument is of a wrong type.
        ValueError: a wrong shape, or a count below zero.

    >>> coordinates, values = iterative_quad_interp3d(torch.rand(2, 3, 3, 8, 8), max_candidates=10)
    >>> coordinates.shape, values.shape
    (torch.Size([2, 3, 3, 3, 8, 8]), torch.Size([2, 3, 3, 8, 8]))

    Source: Brown and Lowe 2002, section 2.1; Lowe 2004, section 4.
    """
    _check(input, n_iters, strict_maxima_bonus, precomputed_nms_mask)
    maxima = _maxima(input, precomputed_nms_mask)
    if max_candidates is not None:
        check_count(max_candidates, "max_candidates")
        maxima = maxima & _largest(input, maxima, max_candidates)
    return _refine(input, maxima, torch.ones_like(maxima), n_iters, max_subpixel_shift, allow_scale_steps)


class IterativeQuadInterp3d(module(iterative_quad_interp3d, inputs=("input", "precomputed_nms_mask"))): ...


@op
def adaptive_quad_interp3d(
    input: Volume,
    mode: str = "auto",
    n_iters: int = 5,
    strict_maxima_bonus: float | None = None,
    max_subpixel_shift: float = 0.6,
    dilation_radius: int = 1,
    allow_scale_steps: bool = True,
    max_candidates: int | None = None,
    precomputed_nms_mask: Mask | None = None,
) -> tuple[Coordinates, Volume]:
    """Refine maxima by `conv_quad_interp3d` or `iterative_quad_interp3d`.

    Args:
        input: responses, (B, C, D, H, W).
        mode: `"conv"` or `"patch"` (iterative); `"auto"` is `"conv"` on a CUDA device, else `"patch"`.
        n_iters: number of fits at the most.
        strict_maxima_bonus: deprecated, without effect.
        max_subpixel_shift: largest shift, in voxels, of a centre that is settled.
        dilation_radius: as of `conv_quad_interp3d`; without effect on `"patch"`.
        allow_scale_steps: let the centre move along the scale axis.
        max_candidates: as of `iterative_quad_interp3d`; without effect on `"conv"`.
        precomputed_nms_mask: the voxels to refine.

    Returns:
        Coordinates (scale, x, y) and values as from `conv_quad_interp3d`.

    Raises:
        ValueError: `mode` is none of the three; and what the chosen function raises.

    >>> coordinates, values = adaptive_quad_interp3d(torch.rand(1, 1, 3, 8, 8), "conv")
    >>> coordinates.shape
    torch.Size([1, 1, 3, 3, 8, 8])

    Source: Brown and Lowe 2002, section 2.1; Lowe 2004, section 4.
    """
    check_floating(input, "input")
    check_option(mode, "mode", ("patch", "conv", "auto"))
    if mode == "conv" or (mode == "auto" and input.device.type == "cuda"):
        return conv_quad_interp3d(
            input, n_iters, strict_maxima_bonus, max_subpixel_shift, precomputed_nms_mask, dilation_radius,
            allow_scale_steps,
        )  # fmt: skip
    return iterative_quad_interp3d(
        input, n_iters, strict_maxima_bonus, max_subpixel_shift, allow_scale_steps, precomputed_nms_mask,
        max_candidates,
    )  # fmt: skip


class AdaptiveQuadInterp3d(module(adaptive_quad_interp3d, inputs=("input", "precomputed_nms_mask"))): ...


def _check(input: Tensor, n_iters: int, strict_maxima_bonus: float | None, mask: Tensor | None) -> None:
    check_floating(input, "input")
    check_shape(input, "input", "B", "C", "D", "H", "W")
    check_count(n_iters, "n_iters")
    if mask is not None:
        check_boolean(mask, "precomputed_nms_mask")
        check_same_shape(mask, "precomputed_nms_mask", input)
    if strict_maxima_bonus is not None:
        warnings.warn("strict_maxima_bonus is deprecated and has no effect", DeprecationWarning, stacklevel=4)


def _maxima(input: Tensor, mask: Tensor | None) -> Tensor:
    """Return the voxels to refine; those of the border have no neighbourhood to fit."""
    return strict_extrema(input, (3, 3, 3)) if mask is None else mask & interior(mask)


def _dilate(mask: Tensor, radius: int) -> Tensor:
    """Return the voxels within `radius` of the mask along every axis."""
    if mask.numel() == 0:
        return mask
    near = pad(mask.to(torch.uint8), [radius] * 6)
    for axis in (-1, -2, -3):
        near = near.unfold(axis, 2 * radius + 1, 1).amax(dim=-1)
    return near > 0


def _largest(input: Tensor, maxima: Tensor, count: int) -> Tensor:
    """Return the mask of the `count` largest responses among the maxima of each volume."""
    responses = torch.where(maxima, input.detach(), -torch.inf).flatten(-3)
    # A stable sort, unlike topk, puts the first of equal responses first on every device.
    order = responses.sort(dim=-1, descending=True, stable=True).indices
    chosen = torch.zeros_like(responses, dtype=torch.bool).scatter(-1, order[..., :count], True)
    return chosen.view(maxima.shape)


def _refine(
    input: Tensor, maxima: Tensor, reachable: Tensor, n_iters: int, max_subpixel_shift: float, allow_scale_steps: bool
) -> tuple[Tensor, Tensor]:
    """Fit a quadratic at every voxel, let each voxel point to the one that its fit moves to, follow from the maxima."""
    # Differences of neighbours in half precision are noise.
    values = input.to(torch.promote_types(input.dtype, torch.float32))
    shifts, peaks, regular = quadratic_fit(values)
    grid = grid_coordinates(values)
    regular = (regular & reachable).flatten(-3)
    height, width = input.shape[-2:]

    distance = shifts.detach().flatten(-3)
    step = torch.where(distance.abs() > max_subpixel_shift, distance.sign(), 0).long()
    step_scale, step_x, step_y = step.unbind(dim=-2)
    step_scale = step_scale * int(allow_scale_steps)
    move = torch.where(regular, (step_scale * height + step_y) * width + step_x, 0)
    settled = regular & (move == 0) & (distance.abs() <= 1.5).all(dim=-2)

    target = torch.arange(move.shape[-1], device=input.device) + move
    centre = torch.arange(move.shape[-1], device=input.device).expand_as(move)
    for _ in range(n_iters - 1):
        centre = target.gather(-1, centre)
    refined = maxima & settled.gather(-1, centre).view(maxima.shape) & (n_iters > 0)

    triple = centre.unsqueeze(-2).expand_as(distance)
    coordinates = (grid + shifts).flatten(-3).gather(-1, triple).view(shifts.shape)
    peaks = peaks.flatten(-3).gather(-1, centre).view(peaks.shape)
    coordinates = torch.where(refined.unsqueeze(-4), coordinates, grid)
    return coordinates.to(input.dtype), torch.where(refined, peaks, values).to(input.dtype)
