# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of thin-plate splines, forward: distances to the centres are not stored."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32


def _accepts(points_src: Tensor, kernel_centers: Tensor, kernel_weights: Tensor, affine_weights: Tensor) -> bool:
    tensors = (points_src, kernel_centers, kernel_weights, affine_weights)
    return (
        all(isinstance(value, Tensor) and value.dtype is torch.float32 and value.ndim == 3 for value in tensors)
        and points_src.shape[2] == 2
        and points_src.numel() > 0
        and kernel_centers.shape == (points_src.shape[0], kernel_centers.shape[1], 2)
        and kernel_weights.shape == kernel_centers.shape
        and affine_weights.shape == (points_src.shape[0], 3, 2)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    points = torch.zeros(1, 2, 2)
    yield points, points, points, torch.zeros(1, 3, 2)


@kernel(accepts=_accepts, examples=_examples)
def warp_points_tps(
    points_src: Tensor, kernel_centers: Tensor, kernel_weights: Tensor, affine_weights: Tensor
) -> Tensor:
    """Sum over the centres point by point."""
    points = as_array(points_src)
    result = empty(*points.shape)
    count = points.shape[1]
    parallel_for(
        _bend, len(points) * count, points, as_array(kernel_centers), as_array(kernel_weights),
        as_array(affine_weights), as_array(result), work=8 * points.size * kernel_centers.shape[1],
    )  # fmt: skip
    return result


@compile_kernel
def _bend(start, stop, points, centers, weights, affine, result):
    count, kernels = points.shape[1], centers.shape[1]
    for unit in range(start, stop):
        index = unit // count
        place = unit - index * count
        x, y = points[index, place, 0], points[index, place, 1]
        flat = affine[index]
        moved_x, moved_y = f32(0), f32(0)
        for k in range(kernels):
            across, down = x - centers[index, k, 0], y - centers[index, k, 1]
            squared = across * across + down * down
            if squared > f32(0):
                bend = f32(0.5) * squared * np.log(squared)
                moved_x += bend * weights[index, k, 0]
                moved_y += bend * weights[index, k, 1]
        result[index, place, 0] = (flat[0, 0] + x * flat[1, 0] + y * flat[2, 0]) + moved_x
        result[index, place, 1] = (flat[0, 1] + x * flat[1, 1] + y * flat[2, 1]) + moved_y
