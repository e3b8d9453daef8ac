# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.filters as kornia
import numpy as np
import pytest
import scipy.ndimage
import skimage.data
import torch

from foveal import use_kernels
from foveal.filters import MedianBlur, get_binary_kernel2d, median_blur
from tests.contract import Contract, Make, Sample, call

BORDERS = ("constant", "reflect", "replicate", "circular")


class TestMedianBlur(Contract):
    operation = staticmethod(median_blur)
    module_form = MedianBlur

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.median_blur(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 2, 7, 9)
        yield call(image, 3)
        yield call(image, (5, 5), "replicate")
        yield call(image, (3, 5), border_type="circular")
        for border_type in BORDERS:
            yield call(image, [5, 1], border_type)
            yield call(make.uniform(2, 1, 5, 6), 3, border_type)
        yield call(image, 7, "constant")
        yield call(image, 1)
        yield call(make.uniform(1, 1, 1, 1), 3, "replicate")
        yield call(make.uniform(0, 2, 3, 3), 3)

    def large(self, make: Make) -> Iterator[Sample]:
        for border_type in BORDERS:
            yield call(make.uniform(2, 3, 83, 71), 3, border_type)
            yield call(make.uniform(1, 3, 84, 71), 5, border_type)
        yield call(make.uniform(1, 1, 97, 171), (7, 9))
        yield call(make.uniform(2, 1, 67, 91), (1, 13), "circular")

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 4, 5)), 3)
        yield call(make.tensor(torch.ones(1, 1, 2, 2)), (7, 5))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 1, 4, 4)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], 3)
        yield TypeError, "input must hold real numbers, got torch.complex", call(image + 1j, 3)
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(1, 4, 4\)", call(image[0], 3)
        yield ValueError, "kernel_size must be odd, got 4", call(image, 4)
        yield ValueError, r"kernel_size must be 2 integers of at least 1, got \(3, 0\)", call(image, (3, 0))
        yield TypeError, "kernel_size must be a tuple of 2 integers, got float", call(image, 3.0)
        yield ValueError, "border_type must be one of .*'circular', got 'zero'", call(image, 3, "zero")


WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


def photograph() -> torch.Tensor:
    """Return a photograph as bytes, (1, 3, 300, 451)."""
    return torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).unsqueeze(0).contiguous()


@WAYS
@pytest.mark.parametrize("size", [3, 5, 7, 9, 31])
def test_bytes_equal_opencvs(size: int, enabled: bool) -> None:
    image = photograph() if enabled or size < 9 else photograph()[..., :61, :53].contiguous()
    rows = np.ascontiguousarray(image[0].permute(1, 2, 0).numpy())
    with use_kernels(enabled):
        found = median_blur(image, size, "replicate")
    assert found.dtype is torch.uint8
    assert torch.equal(found[0].permute(1, 2, 0), torch.from_numpy(cv2.medianBlur(rows, size)))


@WAYS
@pytest.mark.parametrize("size", [3, 5])
def test_floats_equal_opencvs(size: int, enabled: bool) -> None:
    image = photograph() / 255
    rows = np.ascontiguousarray(image[0].permute(1, 2, 0).numpy())
    with use_kernels(enabled):
        found = median_blur(image, size, "replicate")
    assert torch.equal(found[0].permute(1, 2, 0), torch.from_numpy(cv2.medianBlur(rows, size)))


@WAYS
@pytest.mark.parametrize(
    ("border_type", "mode"),
    [("reflect", "mirror"), ("replicate", "nearest"), ("circular", "wrap"), ("constant", "constant")],
)
def test_any_window_equals_scipys(border_type: str, mode: str, enabled: bool) -> None:
    for size in ((3, 3), (5, 5), (1, 3), (7, 1), (9, 5), (21, 31)):
        for image in (photograph()[:, :, :70, :83], torch.randn(1, 2, 41, 37)):
            with use_kernels(enabled):
                found = median_blur(image, size, border_type)
            for channel, plane in zip(found[0], image[0].numpy(), strict=True):
                expected = scipy.ndimage.median_filter(plane, size, mode=mode)
                assert torch.equal(channel, torch.from_numpy(expected)), (size, image.dtype)


@WAYS
@pytest.mark.parametrize("size", [(3, 3), (5, 5), (7, 5)])
def test_the_gradient_goes_to_the_first_of_equal_pixels(size: tuple[int, int], enabled: bool) -> None:
    image = (photograph()[..., 60:90, 100:140] // 32).float()
    weights = torch.rand(image.shape, generator=torch.Generator().manual_seed(0))
    rows, columns = size
    modes: tuple[tuple[str, Any], ...] = (("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap"))
    for border_type, mode in modes:
        leaf = image.clone().requires_grad_()
        with use_kernels(enabled):
            (found,) = torch.autograd.grad(median_blur(leaf, size, border_type), leaf, weights)
        margins = ((rows // 2, rows // 2), (columns // 2, columns // 2))
        numbers = np.pad(np.arange(1200).reshape(30, 40), margins, mode)
        numbers = np.lib.stride_tricks.sliding_window_view(numbers, size).reshape(1200, -1)
        wanted = np.zeros((3, 1200), np.float32)
        for channel in range(3):
            windows = image[0, channel].numpy().flatten()[numbers]
            first = (windows == np.median(windows, axis=1, keepdims=True)).argmax(axis=1)
            np.add.at(wanted[channel], numbers[np.arange(1200), first], weights[0, channel].flatten().numpy())
        torch.testing.assert_close(found, torch.from_numpy(wanted).view(image.shape))


@WAYS
@pytest.mark.parametrize("size", [3, 5, 7])
def test_infinities_are_ordered_and_nan_spreads(size: int, enabled: bool) -> None:
    image = torch.rand(1, 1, 30, 40)
    image[..., 4:9, 20:24] = torch.inf
    image[..., 20, 4] = -torch.inf
    with use_kernels(enabled):
        found = median_blur(image, size)
        expected = scipy.ndimage.median_filter(image[0, 0].numpy(), size, mode="mirror")
        assert torch.equal(found[0, 0], torch.from_numpy(expected))
        image[..., 15, 30] = torch.nan
        reach = size // 2
        nan = torch.zeros(30, 40, dtype=torch.bool)
        nan[15 - reach : 16 + reach, 30 - reach : 31 + reach] = True
        found = median_blur(image, size)[0, 0]
        assert torch.equal(found.isnan(), nan)
        assert torch.equal(found[~nan], torch.from_numpy(expected)[~nan])


def test_the_adjoint_is_the_transpose_of_the_selection() -> None:
    """At an image without ties the blur is linear nearby: <A x, y> = <x, A' y> with A x its directional derivative."""
    image = torch.randperm(3 * 40 * 50, generator=torch.Generator().manual_seed(0)).float().view(1, 3, 40, 50)
    x, y = torch.rand(2, 1, 3, 40, 50, generator=torch.Generator().manual_seed(1))
    for size in (3, 5, 9):
        leaf = image.clone().requires_grad_()
        (pulled,) = torch.autograd.grad(median_blur(leaf, size), leaf, y)
        pushed = median_blur(image.double() + x.double() / 4, size) - median_blur(image.double(), size)
        torch.testing.assert_close((4 * pushed * y).sum(), (x.double() * pulled).sum(), rtol=1e-6, atol=0)


def test_binary_kernels_take_each_pixel_by_itself() -> None:
    for size in (3, (2, 5), (1, 1)):
        for dtype in (torch.float32, torch.float64):
            found = get_binary_kernel2d(size, dtype=dtype)
            assert torch.equal(found, kornia.get_binary_kernel2d(size, dtype=dtype))
            assert found.dtype is dtype
    image = torch.rand(1, 1, 4, 6)
    taken = torch.nn.functional.conv2d(image, get_binary_kernel2d((2, 3)))
    assert torch.equal(taken[0, 5], image[0, 0, 1:, 2:])
    with pytest.raises(ValueError, match=r"window_size must be 2 integers of at least 1, got \(0, 0\)"):
        get_binary_kernel2d(0)


@WAYS
def test_other_integers_give_floats(enabled: bool) -> None:
    image = torch.randint(-9, 9, (1, 2, 9, 8))
    with use_kernels(enabled):
        found = median_blur(image, 3)
    assert found.dtype is torch.float32
    assert torch.equal(found, kornia.median_blur(image, 3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8])
def test_every_width_and_height(dtype: torch.dtype) -> None:
    for width in (*range(33, 53), 130, 131, 195, 260):
        image = (torch.rand(2, 1, 1 + width % 9, width) * 255).to(dtype)
        if dtype is torch.float32:
            image[0, ..., 0, -1 - width % 3] = torch.nan
        for border_type in BORDERS:
            found, expected = (f(image, 3, border_type) for f in (median_blur, median_blur.reference))
            torch.testing.assert_close(found, expected, rtol=0, atol=0, equal_nan=True)
