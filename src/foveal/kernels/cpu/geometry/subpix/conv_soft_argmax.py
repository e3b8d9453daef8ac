# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the soft-argmax of windows: strips of rows in cache, maps taken as volumes of one plane."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.geometry.subpix._window_strips import windows, windows_adjoint

f32 = np.float32
LOG2_E = float(np.log2(np.e))

# Elements of a strip, about: long loops, and little of the strip read twice.
STRIP = 8192

Sizes = tuple[int, ...]


def _accepts_windows(input: Tensor, axes: int, kernel_size: Any, stride: Any, padding: Any, temperature: Any) -> bool:
    if not all(
        isinstance(sizes, tuple | list) and len(sizes) == axes and all(type(size) is int for size in sizes)
        for sizes in (kernel_size, stride, padding)
    ):
        return False
    return (
        input.dtype is torch.float32
        and input.ndim == 2 + axes
        and 0 not in input.shape
        and not isinstance(temperature, Tensor)
        and 1e-30 < temperature < 1e30
        and min(stride) > 0
        and all(
            0 <= 2 * pad <= window <= size + 2 * pad and window > 0
            for pad, window, size in zip(padding, kernel_size, input.shape[2:], strict=True)
        )
    )


def _out_shape(input: Tensor, kernel_size: Sizes, stride: Sizes, padding: Sizes) -> Sizes:
    axes = zip(input.shape[2:], kernel_size, stride, padding, strict=True)
    return tuple((size + 2 * pad - window) // step + 1 for size, window, step, pad in axes)


def _soft_argmax(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes,
    padding: Sizes,
    temperature: float,
    normalized: bool,
    with_value: bool,
) -> tuple[Tensor, Tensor]:
    """Return points and values; without `with_value` the values are an empty tensor."""
    shape = _out_shape(input, kernel_size, stride, padding)
    points = empty(*input.shape[:2], len(shape), *shape)
    value = empty(*input.shape[:2], *shape) if with_value else empty(0, *shape)
    volumes, size, stride, padding = _as_volumes(input, kernel_size, stride, padding)
    shape = (1,) * (3 - len(shape)) + shape
    rows = max(1, min(shape[1], (STRIP // (volumes.shape[3] + 2 * padding[2]) - size[1]) // stride[1] + 1))
    parallel_for(
        windows, len(volumes) * -(-shape[1] // rows), volumes, size, stride, padding, rows,
        f32(LOG2_E / temperature), *_grid(volumes, normalized),
        points.numpy().reshape(-1, points.shape[2], *shape), value.numpy().reshape(-1, *shape), work=volumes.size,
    )  # fmt: skip
    return points, value


def _as_volumes(input: Tensor, kernel_size: Sizes, stride: Sizes, padding: Sizes) -> tuple[Any, ...]:
    """Return maps as volumes of one plane, with the options that say the same about those."""
    missing = 5 - input.ndim
    volumes = as_array(input).reshape(-1, *(1,) * missing, *input.shape[2:])
    return volumes, (1,) * missing + tuple(kernel_size), (1,) * missing + tuple(stride), (0,) * missing + tuple(padding)


def _grid(volumes: Any, normalized: bool) -> tuple[Any, Any]:
    """Return steps and origins of the depth, y and x coordinate: step * pixel + origin."""
    if not normalized:
        return (f32(1),) * 3, (f32(0),) * 3
    sizes = volumes.shape[1:]
    return tuple(f32(2 / max(s - 1, 1) * (s > 1)) for s in sizes), tuple(f32(-1 if s > 1 else 0) for s in sizes)


def _adjoint(
    gradients: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes,
    padding: Sizes,
    temperature: float,
    normalized: bool,
) -> Tensor:
    shape = gradients[0].shape[3:]
    volumes, size, stride, padding = _as_volumes(input, kernel_size, stride, padding)
    result = torch.zeros(input.shape, dtype=torch.float32, device="cpu")
    rows = max(1, min(volumes.shape[2], STRIP // (volumes.shape[3] + 2 * padding[2]) - 2 * size[1]))
    shape = (1,) * (3 - len(shape)) + tuple(shape)
    points = as_array(gradients[0])
    points = points.reshape(len(volumes), points.shape[2], *shape)
    value = as_array(gradients[1]).reshape(len(volumes), *shape) if len(gradients) > 1 else np.empty((0, *shape), f32)
    parallel_for(
        windows_adjoint, len(volumes) * -(-volumes.shape[2] // rows), volumes, size, stride, padding, rows,
        f32(LOG2_E / temperature), _grid(volumes, normalized)[0], f32(temperature), points, value,
        result.numpy().reshape(volumes.shape), work=volumes.size,
    )  # fmt: skip
    return result


def _accepts2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    temperature: Any,
    normalized_coordinates: bool,
    eps: float,
    output_value: bool,
) -> bool:
    return _accepts_windows(input, 2, kernel_size, stride, padding, temperature)


def _accepts3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    temperature: Any,
    normalized_coordinates: bool,
    eps: float,
    output_value: bool,
    strict_maxima_bonus: float | None,
) -> bool:
    return strict_maxima_bonus is None and _accepts_windows(input, 3, kernel_size, stride, padding, temperature)


def _examples2d() -> Iterator[tuple[Any, ...]]:
    for output_value in (False, True):
        yield torch.zeros(1, 1, 4, 4), (3, 3), (1, 1), (1, 1), 1.0, True, 1e-8, output_value


def _examples3d() -> Iterator[tuple[Any, ...]]:
    for output_value in (False, True):
        yield torch.zeros(1, 1, 3, 4, 4), (3,) * 3, (1,) * 3, (1,) * 3, 1.0, True, 1e-8, output_value, None


def _adjoint2d(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return _adjoint(gradients, *arguments[:6]), *(None,) * (len(arguments) - 1)


@kernel(accepts=_accepts2d, adjoint=_adjoint2d, examples=_examples2d, keep_outputs=False)
def conv_soft_argmax2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes,
    padding: Sizes,
    temperature: float,
    normalized_coordinates: bool,
    eps: float,
    output_value: bool,
) -> Tensor | tuple[Tensor, Tensor]:
    """Soft-argmax of windows of maps."""
    result = _soft_argmax(input, kernel_size, stride, padding, temperature, normalized_coordinates, output_value)
    return result if output_value else result[0]


@kernel(accepts=_accepts3d, adjoint=_adjoint2d, examples=_examples3d, keep_outputs=False)
def conv_soft_argmax3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes,
    padding: Sizes,
    temperature: float,
    normalized_coordinates: bool,
    eps: float,
    output_value: bool,
    strict_maxima_bonus: None,
) -> Tensor | tuple[Tensor, Tensor]:
    """Soft-argmax of windows of volumes."""
    result = _soft_argmax(input, kernel_size, stride, padding, temperature, normalized_coordinates, output_value)
    return result if output_value else result[0]
