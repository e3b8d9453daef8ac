# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import kornia.filters as kornia
import numpy as np
import pytest
import torch

from foveal import filters

CALLS = [
    ("get_box_kernel1d", (3,)),
    ("get_box_kernel1d", (4,)),
    ("get_box_kernel2d", (3,)),
    ("get_box_kernel2d", ((2, 5),)),
    ("get_hanning_kernel1d", (3,)),
    ("get_hanning_kernel1d", (10,)),
    ("get_hanning_kernel2d", (5,)),
    ("get_hanning_kernel2d", ((3, 4),)),
    ("laplacian_1d", (1,)),
    ("laplacian_1d", (4,)),
    ("laplacian_1d", (7,)),
    ("get_laplacian_kernel1d", (5,)),
    ("get_laplacian_kernel2d", (3,)),
    ("get_laplacian_kernel2d", ((1, 5),)),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_as_kornia(name: str, arguments: tuple[Any, ...]) -> None:
    for options in ({}, {"dtype": torch.float64}, {"dtype": torch.float16, "device": torch.device("cpu")}):
        found, expected = (getattr(module, name)(*arguments, **options) for module in (filters, kornia))
        torch.testing.assert_close(
            found,
            expected,
            rtol=1e-3 if found.dtype is torch.float16 else 1e-6,
            atol=1e-3 if found.dtype is torch.float16 else 1e-7,
        )


@pytest.mark.parametrize("size", [3, 4, 17])
def test_hanning_as_numpy(size: int) -> None:
    found = filters.get_hanning_kernel1d(size, dtype=torch.float64)
    np.testing.assert_allclose(found.numpy(), np.hanning(size), atol=1e-15)


def test_box_sums_to_one() -> None:
    assert filters.get_box_kernel1d(8).sum() == 1
    assert filters.get_box_kernel2d((4, 8)).sum() == 1


def test_laplacian_of_a_constant_is_zero() -> None:
    assert filters.get_laplacian_kernel1d(7).sum() == 0
    assert filters.get_laplacian_kernel2d((3, 5)).sum() == 0


@pytest.mark.parametrize(
    ("generator", "argument", "exception", "message"),
    [
        (filters.get_box_kernel1d, 0, ValueError, "kernel_size must be positive, got 0"),
        (filters.get_box_kernel2d, (0, 1), ValueError, "kernel_size must be 2 integers of at least 1"),
        (filters.get_box_kernel2d, 1.5, TypeError, "kernel_size must be a tuple of 2 integers, got float"),
        (filters.get_hanning_kernel1d, 2, ValueError, "kernel_size must be at least 3, got 2"),
        (filters.get_hanning_kernel2d, (3, 2), ValueError, "kernel_size must be at least 3, got 2"),
        (filters.laplacian_1d, 0, ValueError, "window_size must be positive, got 0"),
        (filters.get_laplacian_kernel1d, 4, ValueError, "kernel_size must be odd, got 4"),
        (filters.get_laplacian_kernel2d, (3, 4), ValueError, r"kernel_size must be odd, got \(3, 4\)"),
        (filters.get_laplacian_kernel2d, 1, ValueError, "at least 3 along one axis, got 1"),
    ],
)
def test_bad_sizes(generator: Callable[..., Any], argument: Any, exception: type[Exception], message: str) -> None:
    with pytest.raises(exception, match=message):
        generator(argument)
