# SPDX-License-Identifier: Apache-2.0
import math
from collections.abc import Callable
from typing import Any

import cv2
import kornia.morphology as kornia
import numpy as np
import pytest
import scipy.ndimage
import torch
from torch import Tensor

from foveal import use_kernels
from foveal.morphology import dilation, erosion
from tests.morphology.case import MorphologyCase, cross, disk, flat_elements, image_of, photograph, rows_of


class TestDilation(MorphologyCase):
    operation = staticmethod(dilation)
    peer = staticmethod(kornia.dilation)


class TestErosion(MorphologyCase):
    operation = staticmethod(erosion)
    peer = staticmethod(kornia.erosion)


WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])
BORDERS: dict[str, Any] = {
    "geodesic": None,
    "constant": cv2.BORDER_CONSTANT,
    "replicate": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT_101,
}


@WAYS
@pytest.mark.parametrize("border_type", BORDERS)
def test_photographs_equal_opencvs(border_type: str, enabled: bool) -> None:
    for kernel in flat_elements():
        if not enabled and kernel.numel() > 100:
            continue
        for image in (photograph(), photograph()[..., :57, :43] / 255):
            origin = (kernel.shape[0] // 2, kernel.shape[1] // 2)
            flipped = torch.flip(kernel, (0, 1))
            mirrored = (kernel.shape[1] - 1 - origin[1], kernel.shape[0] - 1 - origin[0])
            options: Any = {"borderType": BORDERS[border_type], "borderValue": 0}
            options = {"borderType": cv2.BORDER_CONSTANT} if border_type == "geodesic" else options
            rows = rows_of(image)
            with use_kernels(enabled):
                found = (
                    dilation(image, kernel, border_type=border_type),
                    erosion(image, kernel, border_type=border_type),
                )
            # OpenCV's dilation does not reflect its element.
            dilated = cv2.dilate(rows, flipped.numpy(), anchor=mirrored, **options)
            eroded = cv2.erode(rows, kernel.numpy(), anchor=origin[::-1], **options)
            for actual, expected in zip(found, (dilated, eroded), strict=True):
                assert actual.dtype is image.dtype
                assert torch.equal(actual, image_of(expected).to(actual.dtype)), (kernel.shape, border_type)


@WAYS
@pytest.mark.parametrize(
    ("border_type", "mode"), [("reflect", "mirror"), ("replicate", "nearest"), ("circular", "wrap")]
)
def test_heights_are_scipys(border_type: str, mode: str, enabled: bool) -> None:
    image = photograph()[:, :1, :50, :60] / 255
    generator = torch.Generator().manual_seed(0)
    for kernel in (torch.ones(3, 5), disk(4), cross(7)):
        heights = torch.rand(kernel.shape, generator=generator)
        arguments: Any = {"footprint": kernel.numpy() != 0, "structure": heights.numpy(), "mode": mode}
        with use_kernels(enabled):
            dilated = dilation(image, kernel, heights, border_type=border_type)[0, 0]
            eroded = erosion(image, kernel, heights, border_type=border_type)[0, 0]
        rows = image[0, 0].numpy()
        expected = scipy.ndimage.grey_dilation(rows, **arguments)
        torch.testing.assert_close(dilated, torch.from_numpy(expected), rtol=0, atol=1e-6)
        expected = scipy.ndimage.grey_erosion(rows, **arguments)
        torch.testing.assert_close(eroded, torch.from_numpy(expected), rtol=0, atol=1e-6)


@WAYS
@pytest.mark.parametrize("operation", [dilation, erosion])
def test_any_origin_shifts(operation: Callable[..., Tensor], enabled: bool) -> None:
    """Origins on any cell and beyond the element, by an integer shift and by Kornia."""
    image = torch.rand(1, 1, 9, 8)
    peer = getattr(kornia, operation.__name__)
    for kernel in (torch.ones(3, 3), torch.ones(2, 4), disk(2)):
        for origin in ([0, 0], [1, 2], [2, 1], [4, 0], [-1, 2], [-3, -2]):
            for border in ("geodesic", "constant"):
                with use_kernels(enabled):
                    actual = operation(image, kernel, origin=origin, border_type=border, border_value=0.5)
                expected = peer(image, kernel, origin=origin, border_type=border, border_value=0.5)
                torch.testing.assert_close(actual, expected, rtol=0, atol=0)


@WAYS
@pytest.mark.parametrize(
    ("border_type", "mode"), [("geodesic", "constant"), ("reflect", "reflect"), ("circular", "wrap")]
)
def test_ties_send_the_gradient_to_the_first_pixel(border_type: str, mode: Any, enabled: bool) -> None:
    levels = (photograph()[..., 60:90, 100:140] // 32).float()
    numbers = np.arange(1200).reshape(30, 40)
    weights = torch.rand(levels.shape, generator=torch.Generator().manual_seed(0))
    for kernel in (torch.ones(5, 5), torch.ones(4, 3), disk(3), torch.ones(1, 7), torch.ones(17, 13)):
        height, width = kernel.shape
        after, before = (height - 1 - height // 2, width - 1 - width // 2), (height // 2, width // 2)
        for sign, operation in ((1, dilation), (-1, erosion)):
            image = levels.clone().requires_grad_()
            with use_kernels(enabled):
                (found,) = torch.autograd.grad(operation(image, kernel, border_type=border_type), image, weights)
            margins = [*zip(*((after, before) if sign == 1 else (before, after)), strict=True)]
            fill: Any = {"constant_values": -np.inf} if mode == "constant" else {}
            sources = np.pad(numbers, margins, mode)
            wanted = np.zeros((3, 1200))
            for channel in range(3):
                padded = np.pad(sign * levels[0, channel].numpy(), margins, mode, **fill)
                windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width)).reshape(30, 40, -1)
                first = np.where(kernel.flatten() != 0, windows, -np.inf).argmax(-1)
                places = np.lib.stride_tricks.sliding_window_view(sources, (height, width)).reshape(30, 40, -1)
                places = np.take_along_axis(places, first[..., None], -1)
                np.add.at(wanted[channel], places.flatten(), weights[0, channel].flatten())
            torch.testing.assert_close(found, torch.from_numpy(wanted).float().view(levels.shape))


@WAYS
def test_infinities_and_nan_survive(enabled: bool) -> None:
    image = torch.tensor(
        [[[[0.0, -math.inf, -math.inf, -math.inf, 1.0, math.inf, 2.0, 3.0, math.nan, 3.0, 1.0, -1.0]]]]
    )
    expected = [0, 0, -math.inf, 1, math.inf, math.inf, math.inf, math.nan, math.nan, math.nan, 3, 1]
    for size in (3, 4):
        kernel = torch.tensor([[1, 1, 1, 0][:size]])
        with use_kernels(enabled):
            found = dilation(image, kernel, origin=[0, 1])
            mirrored = erosion(-image, kernel.flip(1), origin=[0, size - 2])
        torch.testing.assert_close(found[0, 0, 0], torch.tensor(expected), equal_nan=True)
        torch.testing.assert_close(mirrored, -found, equal_nan=True)
    tall = image.expand(1, 1, 30, 12).contiguous()
    with use_kernels(enabled):
        found = dilation(tall, torch.ones(15, 3))
    torch.testing.assert_close(found[0, 0, 9], torch.tensor(expected), equal_nan=True)


@WAYS
def test_empty_windows_are_infinite(enabled: bool) -> None:
    image, none = torch.rand(1, 1, 3, 4), torch.zeros(3, 3)
    with use_kernels(enabled):
        assert dilation(image, none).eq(-math.inf).all()
        assert erosion(image, none).eq(math.inf).all()
        assert dilation(image.byte(), none).eq(0).all()
        assert erosion(image.byte(), none).eq(255).all()
        far = torch.tensor([[0, 0, 1]])
        assert dilation(image, far, origin=[0, 0])[..., :2].eq(-math.inf).all()


def test_dtypes_are_promoted_as_in_kornia() -> None:
    image, kernel = torch.rand(1, 1, 4, 4), torch.ones(3, 3)
    for image_dtype, kernel_dtype in ((torch.float16, torch.float32), (torch.float32, torch.float64)):
        for heights in (None, torch.zeros(3, 3), torch.zeros(3, 3, dtype=torch.float64)):
            arguments = image.to(image_dtype), kernel.to(kernel_dtype), heights
            assert dilation(*arguments).dtype is kornia.dilation(*arguments).dtype


@WAYS
def test_heights_on_bytes_are_rounded_and_clipped(enabled: bool) -> None:
    image = torch.tensor([[[[0, 100, 250]]]], dtype=torch.uint8)
    heights = torch.tensor([[10.4]])
    with use_kernels(enabled):
        assert dilation(image, torch.ones(1, 1), heights).flatten().tolist() == [10, 110, 255]
        assert erosion(image, torch.ones(1, 1), heights).flatten().tolist() == [0, 90, 240]


def test_memory_of_the_reference_does_not_grow_with_the_area() -> None:
    """Autograd keeps one index per pixel, whatever the element."""
    kept: list[int] = []
    for size in (3, 9):
        image = torch.rand(1, 1, 16, 16, requires_grad=True)
        kept.append(0)

        def keep(tensor: Tensor) -> Tensor:
            kept[-1] += tensor.nbytes
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            dilation.reference(image, torch.ones(size, size))
    # The padding grows a little.
    assert kept[1] < 1.5 * kept[0]
