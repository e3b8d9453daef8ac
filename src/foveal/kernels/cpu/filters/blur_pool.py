# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the pools that blur: the blur and the choice of pixels are one table of taps for each axis.

Floor: one read of the maps and one write of the result.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal._border import pad
from foveal.filters.blur_pool import binomial_taps, edges_of
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._separable import separable, separable_adjoint
from foveal.kernels.cpu.filters._taps import accepts_image, sides_of
from foveal.kernels.cpu.filters._window_max import window_max, window_max_adjoint
from foveal.kernels.cpu.geometry.transform._axis import Plan, from_taps, plan, transpose
from foveal.kernels.cpu.geometry.transform._separable import apply_axes


def _fits(input: Any, kernel_size: Any) -> bool:
    sides = sides_of(kernel_size)
    return accepts_image(input) and sides is not None and sides[0] == sides[1]


def _side(kernel_size: Any) -> int:
    return kernel_size if isinstance(kernel_size, int) else kernel_size[0]


def _taps(side: int) -> Array:
    return np.array([binomial_taps(side)], np.float32)


@lru_cache(maxsize=64)
def _axis(size: int, side: int, stride: int, transposed: bool) -> Plan:
    places = np.arange(0, size, stride)[:, None] + np.arange(side) - (side - 1) // 2
    places = np.where(places < size, places, -1).clip(-1)
    axis = from_taps(places, np.broadcast_to(np.array(binomial_taps(side)), places.shape), size)
    return plan(transpose(axis) if transposed else axis)


def _pool(maps: Tensor, side: int, stride: int) -> Tensor:
    if stride == 1:
        return separable(maps, _taps(side), _taps(side), "constant")
    return apply_axes(maps, *(_axis(size, side, stride, False) for size in maps.shape[2:]))


def _pull(gradient: Tensor, sizes: tuple[int, ...], side: int, stride: int) -> Tensor:
    """Return the gradient to maps of the given sizes (H, W) from that to the result of `_pool`."""
    if stride == 1:
        return separable_adjoint(gradient, sizes, _taps(side), _taps(side), "constant")
    return apply_axes(gradient, *(_axis(size, side, stride, True) for size in sizes))


def _accepts(input: Any, kernel_size: Any, stride: Any) -> bool:
    return _fits(input, kernel_size) and type(stride) is int and stride > 0


def _examples() -> Iterator[tuple[Any, ...]]:
    for stride in (1, 2, 3):
        yield torch.zeros(1, 1, 40, 40), 3, stride


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Any,
    stride: int,
) -> tuple[Tensor | None, ...]:
    return _pull(gradients[0], input.shape[2:], _side(kernel_size), stride), None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def blur_pool2d(input: Tensor, kernel_size: Any, stride: int) -> Tensor:
    """Sums down and along of the pixels that are kept."""
    return _pool(input, _side(kernel_size), stride)


def _accepts_max(input: Any, kernel_size: Any, stride: Any, max_pool_size: Any, ceil_mode: Any) -> bool:
    return (
        _accepts(input, kernel_size, stride)
        and type(max_pool_size) is int
        and 0 < max_pool_size <= min(input.shape[2:])
        and ceil_mode is None  # the reference warns
    )


def _examples_of_max() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 40, 40), 3, 2, 2, None


def _adjoint_of_max(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Any,
    stride: int,
    max_pool_size: int,
    ceil_mode: None,
) -> tuple[Tensor | None, ...]:
    sizes = tuple(size - max_pool_size + 1 for size in input.shape[2:])
    pulled = _pull(gradients[0], sizes, _side(kernel_size), stride)
    return window_max_adjoint(input, pulled, max_pool_size), None, None, None, None


@kernel(accepts=_accepts_max, adjoint=_adjoint_of_max, examples=_examples_of_max, keep_outputs=False)
def max_blur_pool2d(input: Tensor, kernel_size: Any, stride: int, max_pool_size: int, ceil_mode: None) -> Tensor:
    """The largest pixels of windows, and the pool of these."""
    return _pool(window_max(input, max_pool_size), _side(kernel_size), stride)


def _accepts_edge_aware(
    input: Any, kernel_size: Any, edge_threshold: Any, edge_dilation_kernel_size: Any, epsilon: Any
) -> bool:
    return (
        _fits(input, kernel_size)
        and type(edge_threshold) in (int, float)
        and edge_threshold > 1
        and type(edge_dilation_kernel_size) is int
        and edge_dilation_kernel_size > 0
        and edge_dilation_kernel_size % 2 == 1
        and type(epsilon) in (int, float)
        and epsilon > 0
    )


def _examples_of_edge_aware() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 40, 40), 3, 1.25, 3, 1e-6


def _wide_edges(input: Tensor, edge_threshold: float, widening: int, epsilon: float) -> Tensor:
    edges = edges_of(input.detach(), edge_threshold, epsilon).to(torch.float32)
    return window_max(pad(edges, (widening // 2,) * 4, "constant"), widening) > 0


def _adjoint_of_edge_aware(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Any,
    edge_threshold: float,
    edge_dilation_kernel_size: int,
    epsilon: float,
) -> tuple[Tensor | None, ...]:
    (gradient,) = gradients
    edges, taps = _wide_edges(input, edge_threshold, edge_dilation_kernel_size, epsilon), _taps(_side(kernel_size))
    blurred = separable_adjoint(gradient.masked_fill(edges, 0), input.shape[2:], taps, taps, "reflect")
    return torch.where(edges, blurred + gradient, blurred), None, None, None, None


@kernel(
    accepts=_accepts_edge_aware, adjoint=_adjoint_of_edge_aware, examples=_examples_of_edge_aware, keep_outputs=False
)
def edge_aware_blur_pool2d(
    input: Tensor, kernel_size: Any, edge_threshold: float, edge_dilation_kernel_size: int, epsilon: float
) -> Tensor:
    """The blur of all pixels, and the edges over it."""
    taps = _taps(_side(kernel_size))
    edges = _wide_edges(input, edge_threshold, edge_dilation_kernel_size, epsilon)
    return torch.where(edges, input, separable(input, taps, taps, "reflect"))
