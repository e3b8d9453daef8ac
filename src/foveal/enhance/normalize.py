# SPDX-License-Identifier: Apache-2.0
"""Channels brought to zero mean and unit deviation, and back."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from foveal._check import check_tensor
from foveal._module import module
from foveal._op import op

Statistic = Tensor | float | Sequence[float]


@op
def normalize(data: Tensor, mean: Statistic, std: Statistic) -> Tensor:
    """Subtract a mean from each channel, and divide it by a standard deviation.

    Args:
        data: images of any number of dimensions, (B, C, *), floats or integers.
        mean: in the units of `data`: one number, one per channel, (C,) or (1, C), or one per image and channel, (B, C);
            tensor or sequence of numbers.
        std: standard deviations, given as `mean` is.

    Returns:
        (data - mean) / std, of integers in float32.

    Raises:
        TypeError: `data` is no tensor, or a statistic is no number, sequence or tensor.
        ValueError: `data` has less than two dimensions, or a statistic has none of the shapes above.

    >>> normalize(torch.tensor([[[1.0, 3.0]]]), 2.0, 0.5)
    tensor([[[-2.,  2.]]])
    """
    pixels = _floats(data)
    return (pixels - _statistic(mean, "mean", pixels)) / _statistic(std, "std", pixels)


@op
def denormalize(data: Tensor, mean: Statistic, std: Statistic) -> Tensor:
    """Multiply each channel by a standard deviation, and add a mean: the inverse of `normalize`.

    Args:
        data: images of any number of dimensions, (B, C, *), floats or integers.
        mean: one number, one per channel, (C,) or (1, C), or one per image and channel, (B, C); tensor or sequence of
            numbers.
        std: standard deviations, given as `mean` is.

    Returns:
        data * std + mean, of integers in float32.

    Raises:
        TypeError: `data` is no tensor, or a statistic is no number, sequence or tensor.
        ValueError: `data` has less than two dimensions, or a statistic has none of the shapes above.

    >>> denormalize(torch.tensor([[[-2.0, 2.0]]]), 2.0, 0.5)
    tensor([[[1., 3.]]])
    """
    pixels = _floats(data)
    return pixels * _statistic(std, "std", pixels) + _statistic(mean, "mean", pixels)


class Normalize(module(normalize, inputs=("data",))): ...


class Denormalize(module(denormalize, inputs=("data",))): ...


def is_per_channel(shape: tuple[int, ...], data: Tensor) -> bool:
    """Say whether a statistic of this shape is one value, one per channel, or one per image and channel."""
    images, channels = shape[:2] if len(shape) > 1 else (1, *(shape or (1,)))
    return (
        len(shape) <= data.ndim
        and images in (1, data.shape[0])
        and channels in (1, data.shape[1])
        and all(size == 1 for size in shape[2:])
    )


def per_channel(value: Tensor, data: Tensor) -> Tensor | None:
    """Return a statistic as (1 or B, 1 or C), or `None` where it has not the shape of one."""
    if not is_per_channel(tuple(value.shape), data):
        return None
    return value.reshape(value.shape[:2]) if value.ndim > 1 else value.reshape(1, -1)


def _floats(data: Any) -> Tensor:
    check_tensor(data, "data")
    if data.ndim < 2:
        raise ValueError(f"data must have shape (B, C, *), got {tuple(data.shape)}")
    return data if data.is_floating_point() else data.to(torch.float32)


def _statistic(value: Any, name: str, data: Tensor) -> Tensor | float:
    """Return a statistic so that it broadcasts to the data, in its dtype."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, tuple | list):
        value = torch.tensor(value, dtype=data.dtype, device=data.device)
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a number, a sequence of numbers or a tensor, got {type(value).__name__}")
    table = per_channel(value, data)
    if table is None:
        raise ValueError(
            f"{name} must be one number, or have shape (C,), (1, C) or (B, C) for data of shape {tuple(data.shape)}, "
            f"got {tuple(value.shape)}"
        )
    return table.to(data).reshape(*table.shape, *[1] * (data.ndim - 2))
