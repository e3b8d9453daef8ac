# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of quadratic interpolation: find the maxima, then fit at those alone."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.geometry.subpix._quad_loops import fill_grid, refine, refine_adjoint
from foveal.kernels.cpu.geometry.subpix.nms import strict_maxima

ANYWHERE = -1
"""A dilation radius that lets centres go where they want."""


def _accepts_conv(
    input: Tensor,
    n_iters: Any,
    strict_maxima_bonus: Any,
    max_subpixel_shift: Any,
    precomputed_nms_mask: Any,
    dilation_radius: Any,
    allow_scale_steps: Any,
) -> bool:
    return _accepts(input, n_iters, strict_maxima_bonus, max_subpixel_shift, precomputed_nms_mask) and _is_count(
        dilation_radius
    )


def _accepts_iterative(
    input: Tensor,
    n_iters: Any,
    strict_maxima_bonus: Any,
    max_subpixel_shift: Any,
    allow_scale_steps: Any,
    precomputed_nms_mask: Any,
    max_candidates: Any,
) -> bool:
    return _accepts(input, n_iters, strict_maxima_bonus, max_subpixel_shift, precomputed_nms_mask) and (
        max_candidates is None or _is_count(max_candidates)
    )


def _accepts(input: Tensor, n_iters: Any, bonus: Any, limit: Any, mask: Any) -> bool:
    return (
        input.dtype is torch.float32
        and input.ndim == 5
        and input.numel() > 0
        and _is_count(n_iters)
        and bonus is None
        and isinstance(limit, int | float)
        and (mask is None or (isinstance(mask, Tensor) and mask.dtype is torch.bool and mask.shape == input.shape))
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _examples() -> Iterator[tuple[Any, ...]]:
    volume = torch.zeros(1, 1, 3, 3, 3)
    volume[0, 0, 1, 1, 1] = 1
    yield volume.requires_grad_(), 5, None, 0.6, None, 1, True


def _examples_iterative() -> Iterator[tuple[Any, ...]]:
    for volume, n_iters, bonus, limit, mask, _, steps in _examples():
        yield volume, n_iters, bonus, limit, steps, mask, None


def _adjoint_conv(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    n_iters: int,
    strict_maxima_bonus: None,
    limit: float,
    given: Tensor | None,
    radius: int,
    scale_steps: bool,
) -> tuple[Tensor | None, ...]:
    return _adjoint(gradients, input, given, None, n_iters, limit, radius, scale_steps), *(None,) * 6


def _adjoint_iterative(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    n_iters: int,
    strict_maxima_bonus: None,
    limit: float,
    scale_steps: bool,
    given: Tensor | None,
    most: int | None,
) -> tuple[Tensor | None, ...]:
    return _adjoint(gradients, input, given, most, n_iters, limit, ANYWHERE, scale_steps), *(None,) * 6


@kernel(accepts=_accepts_conv, adjoint=_adjoint_conv, examples=_examples, keep_outputs=False)
def conv_quad_interp3d(
    input: Tensor,
    n_iters: int,
    strict_maxima_bonus: float | None,
    max_subpixel_shift: float,
    precomputed_nms_mask: Tensor | None,
    dilation_radius: int,
    allow_scale_steps: bool,
) -> tuple[Tensor, Tensor]:
    """Refine maxima whose centres stay near some maximum."""
    return _forward(input, precomputed_nms_mask, None, n_iters, max_subpixel_shift, dilation_radius, allow_scale_steps)


@kernel(accepts=_accepts_iterative, adjoint=_adjoint_iterative, examples=_examples_iterative, keep_outputs=False)
def iterative_quad_interp3d(
    input: Tensor,
    n_iters: int,
    strict_maxima_bonus: float | None,
    max_subpixel_shift: float,
    allow_scale_steps: bool,
    precomputed_nms_mask: Tensor | None,
    max_candidates: int | None,
) -> tuple[Tensor, Tensor]:
    """Refine maxima, those of the largest responses."""
    return _forward(
        input, precomputed_nms_mask, max_candidates, n_iters, max_subpixel_shift, ANYWHERE, allow_scale_steps
    )


def _forward(
    input: Tensor, given: Tensor | None, most: int | None, n_iters: int, limit: float, radius: int, scale_steps: bool
) -> tuple[Tensor, Tensor]:
    mask, candidates = _candidates(input, given, most)
    coordinates = empty(*input.shape[:2], 3, *input.shape[2:])
    values = empty(*input.shape).copy_(input)
    places = as_array(coordinates)
    planes = places.reshape(-1, 3, *input.shape[2:])
    parallel_for(fill_grid, len(planes) * planes.shape[2], planes, work=places.size)
    parallel_for(
        refine, len(candidates), _flat(input), mask, candidates, tuple(input.shape[2:]), n_iters, np.float32(limit),
        radius, bool(scale_steps), places.reshape(-1), _flat(values), work=len(candidates) * FIT,
    )  # fmt: skip
    return coordinates, values


def _adjoint(
    gradients: tuple[Tensor, ...], input: Tensor, given: Tensor | None, most: int | None, n_iters: int, limit: float,
    radius: int, scale_steps: bool,
) -> Tensor:  # fmt: skip
    mask, candidates = _candidates(input, given, most)
    result = empty(*input.shape).copy_(gradients[1])
    volumes, size = len(input) * input.shape[1], input[0, 0].numel()
    n, z, y, x = torch.from_numpy(np.stack(np.unravel_index(candidates, (volumes, *input.shape[2:])))).unbind()
    # Gathered here, for the gradient of a sum is one number in an expanded tensor.
    of_places = as_array(gradients[0].flatten(0, 1)[n, :, z, y, x])
    of_peaks = as_array(gradients[1].flatten(0, 1)[n, z, y, x])
    # Neighbourhoods overlap: only volumes can be taken apart.
    starts = np.searchsorted(candidates, np.arange(volumes + 1) * size)
    parallel_for(
        refine_adjoint, volumes, _flat(input), mask, candidates, starts, tuple(input.shape[2:]), n_iters,
        np.float32(limit), radius, bool(scale_steps), of_places, of_peaks, _flat(result), work=len(candidates) * FIT,
    )  # fmt: skip
    return result


# Elements touched by one fit.
FIT = 64


def _flat(input: Tensor) -> Any:
    return as_array(input).reshape(-1)


def _candidates(input: Tensor, given: Tensor | None, most: int | None) -> tuple[Any, Any]:
    """Return the flat mask of the maxima inside the border, and the flat indices of those to refine."""
    if given is None:
        maxima = strict_maxima(input, (3, 3, 3))
    else:
        maxima = torch.zeros(input.shape, dtype=torch.bool, device="cpu")
        maxima[..., 1:-1, 1:-1, 1:-1] = given[..., 1:-1, 1:-1, 1:-1]
    mask = _flat(maxima)
    candidates = np.flatnonzero(mask)
    return mask, candidates if most is None else _largest(input, candidates, most)


def _largest(input: Tensor, candidates: Any, most: int) -> Any:
    """Return the candidates of the `most` largest responses in each volume, in ascending order."""
    volume = input[0, 0].numel()
    responses = torch.from_numpy(_flat(input)[candidates])
    starts = np.searchsorted(candidates, np.arange(len(input) * input.shape[1] + 1) * volume)
    kept = [np.empty(0, dtype=candidates.dtype)]
    for start, stop in pairwise(starts):
        order = responses[start:stop].sort(descending=True, stable=True).indices[:most]
        kept.append(np.sort(candidates[start:stop][order.numpy()]))
    return np.concatenate(kept)
