# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.filters as kornia
import pytest
import torch

from foveal.filters import (
    get_diff_kernel2d,
    get_sobel_kernel2d,
    get_spatial_gradient_kernel2d,
    get_spatial_gradient_kernel3d,
)

MODES = [("sobel", 1), ("sobel", 2), ("diff", 1), ("diff", 2)]
PLACES = torch.arange(-2.0, 3.0, dtype=torch.float64)


@pytest.mark.parametrize("dtype", [None, torch.float64, torch.int32])
def test_kernels_are_kornias(dtype: torch.dtype | None) -> None:
    for mode, order in MODES:
        found = get_spatial_gradient_kernel2d(mode.upper(), order, dtype=dtype)
        expected = kornia.get_spatial_gradient_kernel2d(mode, order, dtype=dtype)
        torch.testing.assert_close(found, expected, rtol=0, atol=0)
    assert torch.equal(get_sobel_kernel2d(dtype=dtype), kornia.get_sobel_kernel2d(dtype=dtype))
    assert torch.equal(get_diff_kernel2d(dtype=dtype), kornia.get_diff_kernel2d(dtype=dtype))


@pytest.mark.parametrize("order", [1, 2])
def test_kernels_of_volumes_are_kornias(order: int) -> None:
    for dtype in (None, torch.float64, torch.float16):
        found = get_spatial_gradient_kernel3d("Diff", order, dtype=dtype)
        expected = kornia.get_spatial_gradient_kernel3d("diff", order, dtype=dtype)
        torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize(("mode", "order"), MODES)
def test_signs_of_derivatives(mode: str, order: int) -> None:
    """Sobel's second derivatives and the mixed ones are positive on x^2, x y and y^2."""
    kernels = get_spatial_gradient_kernel2d(mode, order, dtype=torch.float64)
    margin = kernels.shape[-1] // 2
    x = PLACES[2 - margin : 3 + margin].expand(kernels.shape[-2:])
    surfaces = (x, x.T) if order == 1 else (x * x / 2, x * x.T, x.T * x.T / 2)
    answers = torch.tensor([[(kernel * surface).sum() for surface in surfaces] for kernel in kernels])
    assert torch.equal(answers, answers.diag().diag())
    assert (answers.diag() > 0).all()


@pytest.mark.parametrize(
    ("arguments", "exception", "message"),
    [
        (("scharr", 1), ValueError, "mode must be one of 'sobel', 'diff', got 'scharr'"),
        (("sobel", 3), ValueError, "order must be one of 1, 2, got 3"),
        ((None, 1), TypeError, "mode must be a string, got NoneType"),
    ],
)
def test_unknown_kernels_are_refused(arguments: Any, exception: type[Exception], message: str) -> None:
    with pytest.raises(exception, match=message):
        get_spatial_gradient_kernel2d(*arguments)


def test_unknown_kernels_of_volumes_are_refused() -> None:
    with pytest.raises(ValueError, match="mode must be one of 'diff', got 'sobel'"):
        get_spatial_gradient_kernel3d("sobel", 1)
    with pytest.raises(ValueError, match="order must be one of 1, 2, got 0"):
        get_spatial_gradient_kernel3d("diff", 0)
    with pytest.raises(TypeError, match=r"dtype must be a floating-point dtype, got torch.int64"):
        get_spatial_gradient_kernel3d("diff", 1, dtype=torch.int64)
