# SPDX-License-Identifier: Apache-2.0
import io
from collections.abc import Iterator

import kornia.enhance as kornia
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from foveal import use_kernels
from foveal.enhance import JPEGCodecDifferentiable, jpeg_codec_differentiable
from tests.contract import Contract, Make, Sample, call
from tests.enhance.levels import photographs

WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


class TestJpegCodecDifferentiable(Contract):
    operation = staticmethod(jpeg_codec_differentiable)
    module_form = JPEGCodecDifferentiable
    # Half precision inputs are rounded before they are coded, and a coefficient that rounds the other way is one step
    # of its table.
    half = False

    def oracle(self, input: Tensor, *args: Tensor, **kwargs: Tensor) -> Tensor:
        return kornia.jpeg_codec_differentiable(input, *args, **kwargs) if input.numel() else NotImplemented

    def samples(self, make: Make) -> Iterator[Sample]:
        # Qualities and tables between those where a step is rounded the other way.
        table = make.uniform(8, 8, low=1, high=200)
        yield call(make.uniform(1, 3, 9, 11), make.tensor([60.25]))
        yield call(make.uniform(2, 3, 16, 16), make.tensor([20.3, 95.2]))
        yield call(make.uniform(3, 1, 1), make.tensor([7.3]))
        yield call(make.uniform(2, 1, 3, 8, 5), make.tensor([99.3, 30.3]), table, table.expand(2, 8, 8) / 2 + 1)
        yield call(make.uniform(3, 17, 5), make.tensor([99.3]), quantization_table_c=table)
        yield call(make.uniform(0, 3, 8, 8), make.tensor([50.0]))

    def large(self, make: Make) -> Iterator[Sample]:
        table = make.integers(1, 200, 8, 8).to(make.dtype)
        for quality in (0.0, 1.0, 20.0, 50.0, 75.0):
            yield call(make.uniform(1, 3, 33, 40), make.tensor([quality]))
        yield call(make.uniform(3, 3, 70, 67), make.tensor([15.0, 50.0, 25.0]), table + 9, table.expand(3, 8, 8) + 9)

    def special(self, make: Make) -> Iterator[Sample]:
        for quality in (0.0, 1.0, 50.0, 100.0):
            for level in (0.0, 0.5, 1.0):
                yield call(make.tensor(torch.full((1, 3, 8, 8), level)), make.tensor([quality]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, one, table = make.uniform(2, 3, 8, 8), make.tensor([50.0]), make.uniform(8, 8)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], one)
        yield TypeError, "input must have a floating-point dtype", call(make.integers(0, 2, 3, 8, 8), one)
        yield ValueError, r"input must have shape \(\*, 3, H, W\), got \(2, 2, 8, 8\)", call(image[:, :2], one)
        yield TypeError, "jpeg_quality must be a torch.Tensor, got float", call(image, 50.0)
        yield ValueError, r"jpeg_quality must have shape \(B\), got \(\)", call(image, one[0])
        yield ValueError, "jpeg_quality must have 1 or 2 elements, got 3", call(image, one.expand(3))
        wanted = r"quantization_table_y must have shape \(\*, 8, 8\), got \(7, 8\)"
        yield ValueError, wanted, call(image, one, table[:7])
        wanted = r"quantization_table_c must have shape \(8, 8\) or \(2, 8, 8\), got \(3, 8, 8\)"
        yield ValueError, wanted, call(image, one, table, table.expand(3, 8, 8))


@WAYS
def test_half_precision_is_coded_in_float32(enabled: bool) -> None:
    for precision in (torch.float16, torch.bfloat16):
        image, quality = torch.rand(2, 3, 20, 30).to(precision), torch.tensor([40.0, 70.0])
        with use_kernels(enabled):
            found = jpeg_codec_differentiable(image, quality)
            assert found.dtype is precision
            assert torch.equal(found, jpeg_codec_differentiable(image.float(), quality).to(precision))


@WAYS
@pytest.mark.parametrize("quality", [5, 25, 50, 75, 95])
def test_photographs_look_as_pillow_codes_them(quality: int, enabled: bool) -> None:
    image = photographs()[0]
    file = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(file, "JPEG", quality=quality, subsampling=2)
    expected = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)
    with use_kernels(enabled):
        found = jpeg_codec_differentiable(image.float() / 255, torch.tensor([float(quality)])) * 255
    # Its rounding is soft, its chroma smoother, and Pillow's result is rounded: 1 to 2 levels, a tenth of the loss.
    assert (found - expected).abs().mean() < 2.5
    assert (found - expected).abs().mean() < 0.5 * (expected.float() - image).abs().mean() + 0.5


@WAYS
@pytest.mark.parametrize("quality", [99.5, 100.0])
def test_the_best_qualities_equal_kornias(quality: float, enabled: bool) -> None:
    # Their steps are an eighth of a level: float32 rounds some coefficients the other way, by one step.
    image = torch.rand(2, 3, 40, 50)
    expected = kornia.jpeg_codec_differentiable(image.double(), torch.tensor([quality]).double())
    with use_kernels(enabled):
        found = jpeg_codec_differentiable(image, torch.tensor([quality]))
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=2e-3)
    exact = jpeg_codec_differentiable(image.double(), torch.tensor([quality]).double())
    torch.testing.assert_close(exact, expected, rtol=0, atol=1e-9)


@WAYS
def test_gradients_equal_kornias(enabled: bool) -> None:
    image, weights = torch.rand(2, 3, 33, 50), torch.randn(2, 3, 33, 50)
    quality, table = torch.tensor([20.0, 80.0]), torch.randint(1, 255, (2, 8, 8)).float()
    gradients = []
    for operation, dtype in (
        (jpeg_codec_differentiable, torch.float32),
        (kornia.jpeg_codec_differentiable, torch.float64),
    ):
        leaves = [tensor.to(dtype).requires_grad_() for tensor in (image, quality, table)]
        with use_kernels(enabled):
            result = operation(*leaves, leaves[2])
        gradients.append(torch.autograd.grad((result * weights).sum(), leaves))
    for found, expected in zip(*gradients, strict=True):
        torch.testing.assert_close(found.double(), expected, rtol=1e-3, atol=1e-3)


def test_the_same_coefficients_come_back() -> None:
    # At quality 99.5 a table of ones has steps of (1 / 100 + 1 / 2) that the floor turns to next to nothing.
    image = torch.rand(1, 3, 16, 16).mean(1, keepdim=True).expand(-1, 3, -1, -1)
    ones = torch.ones(8, 8)
    found = jpeg_codec_differentiable(image, torch.tensor([99.5]), ones, ones)
    torch.testing.assert_close(found, image, rtol=0, atol=2e-3)
