# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of normalization: (x - a) b with b = 1 / std, and back x a + b."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.enhance.normalize import Statistic, per_channel
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, Factor, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import AFFINE, STANDARD


def _factor(value: Statistic, data: Tensor) -> Factor | None:
    """Return a statistic along images and channels, `None` where it is not one."""
    if isinstance(value, float | int):
        return value
    if not isinstance(value, Tensor):
        value = torch.tensor(value, dtype=torch.float32, device="cpu")
    return per_channel(value, data)


def _accepts(data: Any, mean: Any, std: Any) -> bool:
    statistics = (float, int, tuple, list, Tensor)
    return (
        accepts_curve(data, bytes=False)
        and all(isinstance(v, statistics) and _factor(v, data) is not None for v in (mean, std))
        and not (isinstance(std, float | int) and std == 0)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 3, 4, 4), torch.zeros(3), torch.ones(3)


def _there(data: Tensor, mean: Statistic, std: Statistic) -> Curve:
    shift, scale = _factor(mean, data), _factor(std, data)
    assert shift is not None
    assert scale is not None
    return Curve(STANDARD, data, shift, 1 / scale)


def _back(data: Tensor, mean: Statistic, std: Statistic) -> Curve:
    shift, scale = _factor(mean, data), _factor(std, data)
    assert shift is not None
    assert scale is not None
    return Curve(AFFINE, data, scale, shift)


@kernel(accepts=_accepts, adjoint=adjoint_of(_there), examples=_examples, keep_outputs=False)
def normalize(data: Tensor, mean: Statistic, std: Statistic) -> Tensor:
    """Subtract the mean and multiply by the reciprocal of the deviation, in one pass."""
    return run(_there(data, mean, std))


@kernel(accepts=_accepts, adjoint=adjoint_of(_back), examples=_examples, keep_outputs=False)
def denormalize(data: Tensor, mean: Statistic, std: Statistic) -> Tensor:
    """Multiply by the deviation and add the mean, in one pass."""
    return run(_back(data, mean, std))
