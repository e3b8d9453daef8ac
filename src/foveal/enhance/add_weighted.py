# SPDX-License-Identifier: Apache-2.0
"""Weighted sums of two images."""

from typing import Any

import torch
from torch import Tensor

from foveal._check import check_number, check_same_shape, check_tensor
from foveal._module import module
from foveal._op import op


@op
def add_weighted(
    src1: Tensor, alpha: Tensor | float, src2: Tensor, beta: Tensor | float, gamma: Tensor | float
) -> Tensor:
    """Return src1 * alpha + src2 * beta + gamma.

    Args:
        src1: an image of any shape.
        alpha: its weight; a number, or a tensor that broadcasts to the image from the right.
        src2: an image of the same shape.
        beta: its weight, given as `alpha` is.
        gamma: what is added, given as `alpha` is.

    Returns:
        The sum, in the common dtype of the images; of integers in float32.

    Raises:
        TypeError: an image is no tensor, or a weight is neither a number nor a tensor.
        ValueError: the images have different shapes, or a weight does not broadcast to them.

    >>> add_weighted(torch.tensor([1.0, 2.0]), 0.5, torch.tensor([4.0, 4.0]), 0.25, 1.0)
    tensor([2.5000, 3.0000])

    Source: OpenCV, `addWeighted`.
    """
    check_tensor(src1, "src1")
    check_same_shape(src2, "src2", src1)
    for value, name in ((alpha, "alpha"), (beta, "beta"), (gamma, "gamma")):
        check_number(value, name)
        if isinstance(value, Tensor) and not broadcasts(value, src1):
            raise ValueError(f"{name} must broadcast to {tuple(src1.shape)}, got shape {tuple(value.shape)}")
    dtype = torch.promote_types(src1.dtype, src2.dtype)
    dtype = dtype if dtype.is_floating_point else torch.float32
    first, second = src1.to(dtype), src2.to(dtype)
    return first * _weight(alpha, first) + second * _weight(beta, first) + _weight(gamma, first)


class AddWeighted(module(add_weighted, inputs=("src1", "src2"))): ...


def broadcasts(weight: Tensor, image: Tensor) -> bool:
    """Say whether a tensor broadcasts to an image without changing its shape."""
    sizes = zip(reversed(weight.shape), reversed(image.shape), strict=False)
    return weight.ndim <= image.ndim and all(size in (1, whole) for size, whole in sizes)


def _weight(value: Any, image: Tensor) -> Any:
    return value.to(image) if isinstance(value, Tensor) else value
