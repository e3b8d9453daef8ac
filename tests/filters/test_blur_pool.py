# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.filters as kornia
import pytest
import torch

from foveal.filters import (
    BlurPool2D,
    EdgeAwareBlurPool2D,
    MaxBlurPool2D,
    blur_pool2d,
    edge_aware_blur_pool2d,
    max_blur_pool2d,
)
from tests.contract import Contract, Make, Sample, call


class TestBlurPool2d(Contract):
    operation = staticmethod(blur_pool2d)
    module_form = BlurPool2D

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.blur_pool2d(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.normal(2, 3, 7, 9)
        yield call(image, 3)
        yield call(image, kernel_size=(5, 5), stride=1)
        yield call(image, 4, 3)
        yield call(image, 1)
        yield call(image, [2, 2], 2)
        yield call(make.normal(1, 1, 1, 1), 3)
        yield call(image[:0], 3)

    def large(self, make: Make) -> Iterator[Sample]:
        for size in (3, 5, 6):
            for stride in (1, 2, 3):
                yield call(make.normal(2, 3, 63, 71), size, stride)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 1, 6, 6) + 1
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], 3)
        yield TypeError, "floating-point dtype, got torch.int64", call(image.long(), 3)
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(1, 6, 6\)", call(image[0], 3)
        yield ValueError, r"kernel_size must be square, got \(3, 5\)", call(image, (3, 5))
        yield ValueError, r"kernel_size must be 2 integers of at least 1, got \(0, 0\)", call(image, 0)
        if self.operation is not edge_aware_blur_pool2d:
            yield ValueError, "stride must be 1 integers of at least 1", call(image, 3, 0)


class TestMaxBlurPool2d(TestBlurPool2d):
    operation = staticmethod(max_blur_pool2d)
    module_form = MaxBlurPool2D

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.max_blur_pool2d(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.normal(2, 3, 7, 9)
        yield call(image, 3)
        yield call(image, (5, 5), stride=1, max_pool_size=3)
        yield call(image, 4, 3, 1)
        yield call(image, 1, 2, 7)
        yield call(make.normal(1, 1, 1, 1), 3, 1, 1)
        yield call(image[:0], 3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield ValueError, "max_pool_size must be at most the size", call(make.uniform(1, 1, 3, 3), 3, 2, 4)
        yield ValueError, "max_pool_size must be 1 integers of at least 1", call(make.uniform(1, 1, 3, 3), 3, 2, 0)


class TestEdgeAwareBlurPool2d(TestBlurPool2d):
    operation = staticmethod(edge_aware_blur_pool2d)
    module_form = EdgeAwareBlurPool2D

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.edge_aware_blur_pool2d(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        # Steps between flat parts: no rounding of half precision makes or unmakes an edge.
        flat = make.uniform(2, 3, 8, 9, low=0.99)
        stepped = torch.cat([flat, 3 * flat], dim=-1)
        yield call(stepped, 3)
        yield call(stepped, kernel_size=(5, 5), edge_threshold=2.0, edge_dilation_kernel_size=5)
        yield call(stepped, 4, 3.5)
        yield call(stepped, 2, epsilon=0.1)
        yield call(stepped[:0], 3)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 40, 51, low=0.5), 3)
        yield call(make.uniform(2, 1, 40, 51, low=0.5), 5, 1.6, 1)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 3, 5, 6)), 3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(1, 1, 6, 6) + 1
        yield ValueError, "edge_threshold must be greater than 1, got 1.0", call(image, 3, 1.0)
        yield ValueError, "edge_dilation_kernel_size must be odd, got 2", call(image, 3, 1.25, 2)
        yield ValueError, "epsilon must be positive, got 0", call(image, 3, 1.25, 3, 0.0)


def test_a_constant_map_keeps_its_value_inside() -> None:
    found = blur_pool2d(torch.ones(1, 1, 12, 12), 5)
    torch.testing.assert_close(found[..., 1:-1, 1:-1], torch.ones(1, 1, 4, 4))
    torch.testing.assert_close(edge_aware_blur_pool2d(torch.ones(1, 1, 4, 4), 5), torch.ones(1, 1, 4, 4))


def test_pools_sample_from_pixel_zero() -> None:
    maps = torch.rand(1, 2, 9, 10)
    for stride in (2, 3):
        expected = blur_pool2d(maps, 3, 1)[..., ::stride, ::stride]
        torch.testing.assert_close(blur_pool2d(maps, 3, stride), expected)


def test_a_narrow_image_is_reflected() -> None:
    """Kornia raises: its border may not be wider than the image."""
    assert edge_aware_blur_pool2d(torch.full((1, 1, 1, 1), 2.0), 3).item() == 2


def test_ceil_mode_is_deprecated() -> None:
    with pytest.warns(DeprecationWarning, match="ceil_mode has no effect"):
        max_blur_pool2d(torch.rand(1, 1, 4, 4), 3, ceil_mode=True)


def test_the_epsilon_of_the_module_is_keyword_only() -> None:
    """Kornia's class has none."""
    assert EdgeAwareBlurPool2D(3, 1.25, 3, epsilon=0.1).epsilon == 0.1
    with pytest.raises(TypeError, match="too many positional arguments"):
        EdgeAwareBlurPool2D(3, 1.25, 3, 0.1)


@pytest.mark.parametrize("side", [2, 3])
def test_ties_and_nan_choose_as_pytorch(side: int) -> None:
    """Half of the pixels have an equal neighbour; the gradient goes to the one that `max_pool2d` chooses."""
    maps = torch.randint(0, 3, (2, 2, 17, 45), generator=torch.Generator().manual_seed(0)).float()
    maps[0, 0, 4, 7:9] = torch.nan
    expected, found = (maps.clone().requires_grad_() for _ in range(2))
    peer, result = max_blur_pool2d.reference(expected, 3, 2, side), max_blur_pool2d(found, 3, 2, side)
    torch.testing.assert_close(result, peer, equal_nan=True)
    weights = torch.rand(peer.shape, generator=torch.Generator().manual_seed(1))
    (wanted,) = torch.autograd.grad(peer, expected, weights)
    (gradient,) = torch.autograd.grad(result, found, weights)
    torch.testing.assert_close(gradient, wanted)
