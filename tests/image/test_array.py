# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.image as kornia
import numpy as np
import pytest
import torch

from foveal.image import ImageToTensor, image_list_to_tensor, image_to_tensor, make_grid, tensor_to_image


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3), (2, 4, 5, 3), (1, 4, 5, 3), (1, 4, 5, 1)])
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_arrays_and_tensors_are_views_of_each_other(shape: tuple[int, ...], keepdim: bool, dtype: Any) -> None:
    array = np.arange(np.prod(shape)).astype(dtype).reshape(shape)
    tensor = image_to_tensor(array, keepdim)
    torch.testing.assert_close(tensor, kornia.image_to_tensor(array, keepdim))
    torch.testing.assert_close(ImageToTensor(keepdim)(array), tensor)
    for keep in (True, False):
        for contiguous in (True, False):
            again = tensor_to_image(tensor, keep, contiguous)
            wanted = kornia.tensor_to_image(tensor, keep, contiguous)
            np.testing.assert_array_equal(again, wanted)
            assert (again.dtype, again.flags.c_contiguous) == (wanted.dtype, wanted.flags.c_contiguous)
    tensor[(0,) * tensor.ndim] = 77
    assert array.flat[0] == 77


def test_bfloat16_becomes_float32() -> None:
    assert tensor_to_image(torch.ones(1, 2, 2, dtype=torch.bfloat16)).dtype == np.float32
    assert repr(ImageToTensor()) == "ImageToTensor(keepdim=False)"


def test_lists_become_batches() -> None:
    images = [np.random.default_rng(n).random((4, 5, 3)) for n in range(3)]
    torch.testing.assert_close(image_list_to_tensor(images), kornia.image_list_to_tensor(images))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 9, 10])
@pytest.mark.parametrize("options", [{}, {"n_row": 3}, {"n_row": 7, "padding": 0}, {"padding": 5}])
def test_grids_are_those_of_kornia(count: int, options: dict[str, int]) -> None:
    images = torch.rand(count, 2, 3, 4)
    if count:
        torch.testing.assert_close(make_grid(images, **options), kornia.make_grid(images, **options))
    else:
        assert make_grid(images, **options).shape[1] == 0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: image_to_tensor([1]), TypeError, r"image must be a numpy\.ndarray, got list"),
        (lambda: image_to_tensor(np.zeros(3)), ValueError, r"\(B, H, W, C\), got \(3,\)"),
        (lambda: tensor_to_image([1.0]), TypeError, r"tensor must be a torch\.Tensor"),  # pyright: ignore
        (lambda: tensor_to_image(torch.zeros(3)), ValueError, r"\(B, C, H, W\), got \(3,\)"),
        (lambda: image_list_to_tensor([]), ValueError, "at least one image"),
        (lambda: image_list_to_tensor([1]), TypeError, "got int"),
        (lambda: image_list_to_tensor([np.zeros((1, 2, 3)), np.zeros((1, 2, 1))]), ValueError, "one shape"),
        (lambda: make_grid(torch.zeros(3, 4, 5)), ValueError, r"tensor must have shape \(B, C, H, W\)"),
        (lambda: make_grid(torch.zeros(1, 3, 4, 5), 0), ValueError, "n_row must be at least 1"),
        (lambda: make_grid(torch.zeros(1, 3, 4, 5), padding=-1), ValueError, "padding must be at least 0"),
    ],
)
def test_bad_calls_say_what_was_wrong(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
