# SPDX-License-Identifier: Apache-2.0
import math
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.filters as kornia
import numpy as np
import pytest
import torch

from foveal.filters import InRange, in_range
from tests.contract import Contract, Make, Sample, call
from tests.filters.photographs import photograph

LOW, HIGH = (0.1, 0.2, 0.3), (0.9, 0.8, 0.95)


class TestInRange(Contract):
    operation = staticmethod(in_range)
    module_form = InRange

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 4, 5)
        yield call(image, LOW, HIGH)
        yield call(image[0], LOW, HIGH)
        yield call(image[0, 0], (0.2,), (0.7,))
        yield call(image.unsqueeze(1), LOW, HIGH)
        yield call(make.uniform(0, 3, 4, 5), LOW, HIGH)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 83, 91), LOW, HIGH)
        yield call(make.uniform(1, 2, 83, 91), (0.0, 0.5), (math.inf, 0.75))

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        # Kornia takes no empty batch.
        return kornia.in_range(*args, **kwargs) if args[0].numel() else NotImplemented

    def special(self, make: Make) -> Iterator[Sample]:
        for value in (0.0, 0.1, 1.0):
            yield call(make.tensor(torch.full((1, 3, 4, 4), value)), LOW, HIGH)
        yield call(make.tensor(torch.ones(1, 1, 1, 1)), (1.0,), (1.0,))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, bound = make.uniform(2, 3, 4, 5), make.uniform(3)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], LOW, HIGH)
        yield TypeError, "lower must be a tuple or a torch.Tensor, got float", call(image, 0.0, 1.0)
        yield TypeError, "upper must be a tuple or a torch.Tensor, got list", call(image, LOW, [1.0])
        yield TypeError, "lower and upper must both be tuples or both tensors", call(image, bound, HIGH)
        yield TypeError, "return_mask must be a bool, got int", call(image, LOW, HIGH, 1)
        yield ValueError, "lower must have one number per channel, 3, got 2", call(image, LOW[:2], HIGH)
        yield ValueError, "upper must have 1 or 3 numbers, one per channel, got 5", call(image, bound, make.uniform(5))
        yield ValueError, r"lower must broadcast to shape \(2, 3, 4, 5\)", call(image, make.uniform(2, 1, 1), bound)
        yield ValueError, r"input must have shape \(\*, C, H, W\) or \(H, W\), got \(3,\)", call(bound, LOW, HIGH)


@pytest.mark.parametrize(
    "shape", [(), (1,), (3,), (3, 1, 1), (1, 3, 1, 1), (2, 3, 1, 1), (2, 3, 4, 5), (4, 5), (3, 4, 5)]
)
def test_bounds_of_tensors_equal_kornias(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(2, 3, 4, 5, generator=generator)
    lower, upper = torch.rand(shape, generator=generator) / 2, 0.5 + torch.rand(shape, generator=generator) / 2
    for return_mask in (False, True):
        found = in_range(image, lower, upper, return_mask)
        assert torch.equal(found, kornia.in_range(image, lower, upper, return_mask))
        assert torch.equal(InRange(lower, upper, return_mask)(image), found)


def test_photograph_equals_opencvs() -> None:
    image = photograph()
    rows = image[0].permute(1, 2, 0).contiguous().numpy()
    expected = cv2.inRange(rows, np.array([90, 60, 20]), np.array([200, 160, 120]))
    for pixels in (image, image.float()):
        mask = in_range(pixels, (90, 60, 20), (200, 160, 120), return_mask=True)
        assert mask.dtype is pixels.dtype
        assert torch.equal(mask[0, 0] > 0, torch.from_numpy(expected) > 0)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int64])
def test_bounds_of_integers_may_have_fractions_and_lie_outside(dtype: torch.dtype) -> None:
    image = torch.arange(100).reshape(1, 1, 10, 10).to(dtype)
    for low, high in ((2.5, 7.5), (-1000.0, 1000.0), (2.2, 2.8), (-math.inf, 50), (300.0, 400.0), (60, 3)):
        expected = ((image.double() >= low) & (image.double() <= high)).to(dtype)
        assert torch.equal(in_range(image, (low,), (high,), True), expected)
        assert torch.equal(kornia.in_range(image, (low,), (high,), True), expected)


def test_nan_is_in_no_range() -> None:
    image = torch.tensor([[[[math.nan, 0.5]], [[0.5, math.inf]]]])
    mask = in_range(image, (0.0, 0.0), (1.0, 1.0), True)
    assert mask.tolist() == [[[[0.0, 0.0]]]]
    found = in_range(image, (0.0, 0.0), (1.0, 1.0))
    torch.testing.assert_close(found, kornia.in_range(image, (0.0, 0.0), (1.0, 1.0)), equal_nan=True)
