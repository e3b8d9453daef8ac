# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of normalization: (x - a) b with b = 1 / std, and back x a + b."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.enhance.normalize import Statistic, is_per_channel, per_channel
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, Factor, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import AFFINE, STANDARD


def _factor(value: Statistic, data: Tensor) -> Factor:
    """Return a statistic along images and channels."""
    if isinstance(value, float | int):
        return value
    if not isinstance(value, Tensor):
        value = torch.tensor(value, dtype=torch.float32, device="cpu")
    factor = per_channel(value, data)
    assert factor is not None
    return factor


def _is_statistic(value: Any, data: Tensor) -> bool:
    if isinstance(value, Tensor):
        shape = tuple(value.shape)
    elif isinstance(value, tuple | list):
        shape = (len(value),)
        if not all(isinstance(member, float | int) for member in value):
            return False
    else:
        return isinstance(value, float | int)
    return is_per_channel(shape, data)


def _accepts(data: Any, mean: Any, std: Any) -> bool:
    return (
        accepts_curve(data, bytes=False)
        and _is_statistic(mean, data)
        and _is_statistic(std, data)
        and not (isinstance(std, float | int) and std == 0)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 3, 4, 4), torch.zeros(3), torch.ones(3)


def _there(data: Tensor, mean: Statistic, std: Statistic) -> Curve:
    scale = _factor(std, data)
    return Curve(STANDARD, data, _factor(mean, data), scale.reciprocal() if isinstance(scale, Tensor) else 1 / scale)


def _back(data: Tensor, mean: Statistic, std: Statistic) -> Curve:
    return Curve(AFFINE, data, _factor(std, data), _factor(mean, data))


@kernel(accepts=_accepts, adjoint=adjoint_of(_there), examples=_examples, keep_outputs=False)
def normalize(data: Tensor, mean: Statistic, std: Statistic) -> Tensor:
    """Subtract the mean and multiply by the reciprocal of the deviation, in one pass."""
    return run(_there(data, mean, std))


@kernel(accepts=_accepts, adjoint=adjoint_of(_back), examples=_examples, keep_outputs=False)
def denormalize(data: Tensor, mean: Statistic, std: Statistic) -> Tensor:
    """Multiply by the deviation and add the mean, in one pass."""
    return run(_back(data, mean, std))
