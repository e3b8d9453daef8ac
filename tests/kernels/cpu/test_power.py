# SPDX-License-Identifier: Apache-2.0
"""Accuracy of the powers and cube roots that the CPU kernels share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._power import cube_root, log2, power


@compile_kernel
def log2_of(values, result):
    for i in range(values.shape[0]):
        result[i] = log2(values[i])


@compile_kernel
def power_of(values, result, exponent):
    for i in range(values.shape[0]):
        result[i] = power(values[i], exponent)


@compile_kernel
def cube_root_of(values, result):
    for i in range(values.shape[0]):
        result[i] = cube_root(values[i])


def evaluate(loop: Callable[..., None], values: np.ndarray[Any, Any], *arguments: Any) -> np.ndarray[Any, Any]:
    result = np.empty_like(values)
    loop(values, result, *arguments)
    return result


def spread(lowest: float, highest: float) -> np.ndarray[Any, Any]:
    """Return numbers that are even on a logarithmic scale."""
    exponents = np.linspace(np.log2(lowest), np.log2(highest), 1_000_003)
    return np.exp2(exponents).astype(np.float32)


@pytest.mark.parametrize(("lowest", "highest"), [(1e-3, 4), (1.2e-38, 3e38)])
def test_logarithm(lowest: float, highest: float) -> None:
    values = spread(lowest, highest)
    expected = np.log2(values.astype(np.float64))
    np.testing.assert_allclose(evaluate(log2_of, values), expected, rtol=1.5e-7, atol=1e-12)


@pytest.mark.parametrize(("exponent", "lowest", "bound"), [(2.4, 0.09, 6e-7), (1 / 2.4, 0.003, 4e-7)])
def test_power_in_the_range_of_the_gamma(exponent: float, lowest: float, bound: float) -> None:
    values, exponent32 = spread(lowest, 4), np.float32(exponent)
    expected = values.astype(np.float64) ** np.float64(exponent32)
    np.testing.assert_allclose(evaluate(power_of, values, exponent32), expected, rtol=bound)


def test_power_of_one_and_infinity() -> None:
    values = np.array([1, np.inf] * 20, np.float32)
    assert evaluate(power_of, values, np.float32(2.4)).tolist() == values.tolist()


@pytest.mark.parametrize(("lowest", "highest"), [(1e-3, 4), (1.2e-38, 3e38)])
def test_cube_root_is_exact_to_an_ulp(lowest: float, highest: float) -> None:
    values = spread(lowest, highest)
    expected = np.cbrt(values.astype(np.float64))
    error = np.abs(evaluate(cube_root_of, values) - expected) / np.spacing(expected.astype(np.float32))
    assert error.max() <= 1
