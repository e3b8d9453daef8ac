# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty, filled, fresh, scalar
from tests.samples import default_dtype

GRID = torch.arange(24.0).view(2, 3, 4)


def test_a_contiguous_tensor_is_not_copied() -> None:
    tensor = GRID.clone()
    as_array(tensor)[0, 0, 0] = 7
    assert tensor[0, 0, 0] == 7
    assert as_array(tensor.requires_grad_()).ctypes.data == tensor.data_ptr()


@pytest.mark.parametrize(
    "view",
    [
        GRID.transpose(0, 2),
        GRID[:, ::2],
        GRID[:1].expand(5, 3, 4),
        GRID.flip(0),
        torch._neg_view(GRID),
        GRID[:0],
        GRID[0, 0, 0],
        torch.complex(GRID, GRID).conj().imag,
        GRID[None].repeat(1, 2, 1, 1).contiguous(memory_format=torch.channels_last),
    ],
)
def test_every_layout_becomes_c_contiguous(view: Tensor) -> None:
    array = as_array(view)
    assert array.flags.c_contiguous
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, view.resolve_neg().numpy())


def test_new_tensors_do_not_follow_the_users_defaults() -> None:
    with torch.device("meta"), default_dtype(torch.float64):
        assert (empty(2, 3).dtype, empty(2, 3).device.type) == (torch.float32, "cpu")
        assert empty(0, 3).shape == (0, 3)
        assert empty(2, dtype=torch.int64).dtype == torch.int64
        assert (scalar(0.5).dtype, scalar(0.5).device.type, scalar(0.5).item()) == (torch.float32, "cpu", 0.5)


@pytest.mark.parametrize("side", [0, 3, 200, 1000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.uint8, torch.int16])
def test_a_fresh_tensor_is_what_its_array_holds(side: int, dtype: torch.dtype) -> None:
    tensor, array = fresh((2, side, side), dtype)
    assert (tensor.shape, tensor.dtype, tensor.is_contiguous()) == ((2, side, side), dtype, True)
    array[...] = 7
    assert (tensor == 7).all()


def test_a_filled_array() -> None:
    array = filled((2, 3), 0.5)
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, np.full((2, 3), 0.5))
