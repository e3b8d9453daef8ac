# SPDX-License-Identifier: Apache-2.0
"""Accuracy of the exponentials that the CPU kernels share."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foveal.kernels.cpu import _exp
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._maximum import maximum

exp, exp2 = _exp.exp, _exp.exp2


@compile_kernel
def exp_of(values, result):
    for i in range(values.shape[0]):
        result[i] = exp(values[i])


@compile_kernel
def exp2_of(values, result):
    for i in range(values.shape[0]):
        result[i] = exp2(values[i])


@compile_kernel
def maximum_of(values):
    best = values[0]
    for i in range(values.shape[0]):
        best = maximum(best, values[i])
    return best


def evaluate(loop: Callable[..., None], values: Any) -> np.ndarray[Any, Any]:
    values = np.asarray(values, dtype=np.float32)
    result = np.empty_like(values)
    loop(values, result)
    return result


@pytest.mark.parametrize(
    ("loop", "exact", "lowest", "highest", "ulps"), [(exp_of, np.exp, -87, 88, 2), (exp2_of, np.exp2, -126, 127, 3)]
)
def test_exponential_is_exact_to_a_few_ulp(
    loop: Callable[..., None], exact: Callable[..., Any], lowest: float, highest: float, ulps: float
) -> None:
    values = np.linspace(lowest, highest, 2_000_003, dtype=np.float32)
    expected = exact(values.astype(np.float64))
    error = np.abs(evaluate(loop, values) - expected) / np.spacing(expected.astype(np.float32))
    assert error.max() <= ulps


@pytest.mark.parametrize("loop", [exp_of, exp2_of])
def test_exponential_of_zero_is_one(loop: Callable[..., None]) -> None:
    assert evaluate(loop, [0.0, -0.0]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("loop", "floor"), [(exp_of, math.exp(-87)), (exp2_of, 0.0)])
def test_exponential_stays_at_its_floor(loop: Callable[..., None], floor: float) -> None:
    np.testing.assert_allclose(evaluate(loop, [-127, -1e4, -3e38, -np.inf] * 16), floor, rtol=1e-6)


@pytest.mark.parametrize("loop", [exp_of, exp2_of])
def test_exponential_keeps_nan(loop: Callable[..., None]) -> None:
    result = evaluate(loop, [np.nan] + [0.0] * 32 + [np.nan])
    assert np.isnan(result[[0, -1]]).all()
    assert (result[1:-1] == 1).all()


def test_exp_stays_finite_above_its_range() -> None:
    np.testing.assert_allclose(evaluate(exp_of, [89, 1e4, np.inf]), math.exp(88), rtol=1e-6)


@pytest.mark.parametrize("length", [1, 7, 64, 1000])
def test_maximum_of_a_row(length: int) -> None:
    values = np.random.default_rng(0).standard_normal(length).astype(np.float32)
    assert maximum_of(values) == values.max()
    values[length // 2] = -np.inf
    assert maximum_of(values) == values.max()
    values[length // 3] = np.nan
    assert math.isnan(maximum_of(values))
