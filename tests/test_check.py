# SPDX-License-Identifier: Apache-2.0
"""Every message names the argument, what was wanted and what came."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from foveal._check import (
    check_boolean,
    check_count,
    check_device,
    check_floating,
    check_ignore_index,
    check_integer,
    check_not_negative,
    check_number,
    check_option,
    check_pixels,
    check_positive,
    check_same_shape,
    check_scalar,
    check_shape,
    check_size,
    check_tensor,
)

PASSING = [
    lambda: check_tensor(torch.zeros(1), "x"),
    lambda: check_floating(torch.zeros(1, dtype=torch.bfloat16), "x"),
    lambda: check_integer(torch.zeros(1, dtype=torch.int32), "x"),
    lambda: check_boolean(torch.zeros(1, dtype=torch.bool), "x"),
    lambda: check_pixels(torch.zeros(2, 3, 4, 5), "x", 3),
    lambda: check_pixels(torch.zeros(3, 4, 5, dtype=torch.uint8), "x", 3),
    lambda: check_count(0, "n"),
    lambda: check_count(np.int64(1), "n", smallest=1),
    lambda: check_shape(torch.zeros(2, 3, 5), "x", "N", 3, "W"),
    lambda: check_shape(torch.zeros(2, 3, 5), "x", "*", 3, "W"),
    lambda: check_shape(torch.zeros(3, 5), "x", "*", 3, 5),
    lambda: check_shape(torch.zeros(0, 2), "x", "N", 2),
    lambda: check_shape(torch.tensor(1.0), "x"),
    lambda: check_same_shape(torch.zeros(2, 3), "x", torch.zeros(2, 3)),
    lambda: check_same_shape(torch.tensor(1.0), "x", torch.tensor(2)),
    lambda: check_device(torch.zeros(2), "x", torch.zeros(3)),
    lambda: check_scalar(0, "eps", least=0),
    lambda: check_scalar(np.float32(1.5), "eps", positive=True),
    lambda: check_scalar(torch.tensor(-1.0), "eps", positive=True),
    lambda: check_ignore_index(None),
    lambda: check_ignore_index(np.int64(-1)),
    lambda: check_option("a", "mode", ("a", "b")),
    lambda: check_option(None, "mode", (None, "b")),
    lambda: check_size((3, 5), "size", 2),
    lambda: check_size([np.int64(3)], "size", 1),
    lambda: check_size((0, 0), "size", 2, smallest=0),
    lambda: check_positive(1, "sigma"),
    lambda: check_positive(None, "sigma"),
    lambda: check_positive(torch.tensor(-1.0), "sigma"),
    lambda: check_not_negative(0, "gain"),
    lambda: check_not_negative(torch.tensor(-1.0), "gain"),
    lambda: check_number(-1, "factor"),
    lambda: check_number(torch.tensor(-1.0), "factor"),
]

ELSEWHERE = torch.zeros(1, device="meta")

FAILING = [
    (lambda: check_count(0, "n", smallest=1), ValueError, "n must be at least 1, got 0"),
    (lambda: check_not_negative(-1, "gain"), ValueError, "gain must be at least 0, got -1"),
    (lambda: check_not_negative("1", "gain"), TypeError, "gain must be a number or a tensor, got str"),
    (lambda: check_number("1", "factor"), TypeError, "factor must be a number or a tensor, got str"),
    (lambda: check_not_negative(float("nan"), "gain"), ValueError, "gain must be at least 0, got nan"),
    (
        lambda: check_device(torch.zeros(1, device="meta"), "x", torch.zeros(1)),
        ValueError,
        "x must be on cpu, got meta",
    ),
    (lambda: check_same_shape(ELSEWHERE, "x", torch.zeros(1)), ValueError, "x must be on cpu, got meta"),
    (lambda: check_scalar("1", "eps"), TypeError, "eps must be a number, got str"),
    (lambda: check_scalar(True, "eps"), TypeError, "eps must be a number, got bool"),
    (lambda: check_scalar(-1, "eps", least=0), ValueError, "eps must be at least 0, got -1"),
    (lambda: check_scalar(float("nan"), "eps", positive=True), ValueError, "eps must be positive, got nan"),
    (lambda: check_scalar(torch.zeros(2), "eps"), ValueError, "eps must be one number, got a tensor of shape (2,)"),
    (lambda: check_ignore_index(1.5), TypeError, "ignore_index must be an integer or None, got float"),
    (lambda: check_ignore_index(True), TypeError, "ignore_index must be an integer or None, got bool"),
    (lambda: check_tensor([1.0], "x"), TypeError, "x must be a torch.Tensor, got list"),
    (lambda: check_same_shape([1.0], "x", torch.zeros(1)), TypeError, "x must be a torch.Tensor, got list"),
    (
        lambda: check_same_shape(torch.zeros(1, 3), "x", torch.zeros(2, 3)),
        ValueError,
        "x must have shape (2, 3), got (1, 3)",
    ),
    (lambda: check_floating(None, "x"), TypeError, "x must be a torch.Tensor, got NoneType"),
    (
        lambda: check_floating(torch.zeros(1, dtype=torch.uint8), "x"),
        TypeError,
        "x must have a floating-point dtype, got torch.uint8",
    ),
    (
        lambda: check_floating(torch.zeros(1, dtype=torch.complex64), "x"),
        TypeError,
        "x must have a floating-point dtype, got torch.complex64",
    ),
    (lambda: check_integer(torch.zeros(1), "x"), TypeError, "x must have an integer dtype, got torch.float32"),
    (lambda: check_boolean(torch.zeros(1), "x"), TypeError, "x must be a boolean tensor, got torch.float32"),
    (
        lambda: check_pixels(torch.zeros(3, 4, 5, dtype=torch.int64), "x", 3),
        TypeError,
        "x must have a floating-point dtype or be uint8, got torch.int64",
    ),
    (
        lambda: check_pixels(torch.zeros(4, 5), "x", 3),
        ValueError,
        "x must have shape (*, 3, H, W), got (4, 5)",
    ),
    (lambda: check_count(-1, "n"), ValueError, "n must be at least 0, got -1"),
    (lambda: check_count(1.0, "n"), TypeError, "n must be an integer, got float"),
    (lambda: check_count(True, "n"), TypeError, "n must be an integer, got bool"),
    (lambda: check_shape(np.zeros(3), "x", 3), TypeError, "x must be a torch.Tensor, got ndarray"),
    (
        lambda: check_shape(torch.zeros(2, 4), "points", "N", 3),
        ValueError,
        "points must have shape (N, 3), got (2, 4)",
    ),
    (lambda: check_shape(torch.zeros(3), "x", "N", 3), ValueError, "x must have shape (N, 3), got (3,)"),
    (lambda: check_shape(torch.zeros(1, 2, 3), "x", "N", 3), ValueError, "x must have shape (N, 3), got (1, 2, 3)"),
    (lambda: check_shape(torch.zeros(3), "x", "*", "N", 3), ValueError, "x must have shape (*, N, 3), got (3,)"),
    (lambda: check_option("c", "mode", ("a", "b")), ValueError, "mode must be one of 'a', 'b', got 'c'"),
    (lambda: check_size(3, "size", 2), TypeError, "size must be a tuple of 2 integers, got int"),
    (lambda: check_size((3,), "size", 2), ValueError, "size must be 2 integers of at least 1, got (3,)"),
    (lambda: check_size((3, 0), "size", 2), ValueError, "size must be 2 integers of at least 1, got (3, 0)"),
    (lambda: check_size((3.5, 4), "size", 2), ValueError, "size must be 2 integers of at least 1, got (3.5, 4)"),
    (lambda: check_size(("3", 4), "size", 2), ValueError, "size must be 2 integers of at least 1, got ('3', 4)"),
    (lambda: check_positive(0, "sigma"), ValueError, "sigma must be positive, got 0"),
    (lambda: check_positive(float("nan"), "sigma"), ValueError, "sigma must be positive, got nan"),
    (lambda: check_positive("1", "sigma"), TypeError, "sigma must be a number, got str"),
]


@pytest.mark.parametrize("check", PASSING)
def test_a_right_argument_passes(check: Callable[[], Any]) -> None:
    assert check() is None


@pytest.mark.parametrize(("check", "exception", "message"), FAILING, ids=[message for _, _, message in FAILING])
def test_a_wrong_argument_is_named(check: Callable[[], Any], exception: type[Exception], message: str) -> None:
    with pytest.raises(exception, match=f"^{re.escape(message)}$"):
        check()
