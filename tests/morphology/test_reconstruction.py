# SPDX-License-Identifier: Apache-2.0
import math
from collections.abc import Iterator
from typing import Any

import kornia.morphology as kornia
import pytest
import skimage.morphology
import torch

from foveal import use_kernels
from foveal.morphology import erosion, reconstruction
from tests.contract import Contract, Make, Sample, call
from tests.morphology.case import cross, photograph


class TestReconstruction(Contract):
    operation = staticmethod(reconstruction)
    # Without a number of steps the reference stops when nothing changes, which reads values.
    fixed_shape = False

    def samples(self, make: Make) -> Iterator[Sample]:
        mask = make.uniform(1, 2, 7, 9)
        yield call(mask - 0.3, mask)
        yield call(make.uniform(1, 2, 7, 9, low=-1), mask, num_iters=2)
        yield call(mask + make.uniform(1, 2, 7, 9), mask, method="erosion", check_every=1)
        yield call(mask / 2, mask, cross(3))
        yield call(mask - 0.2, mask, torch.tensor([[1, 0, 0], [0, 0, 0], [0, 1, 1]]))
        yield call(mask - 0.5, mask, make.tensor(torch.ones(1, 5)), engine="shift")
        yield call(mask - 0.5, mask, torch.ones(5, 3).int(), "erosion", 1)
        yield call(mask, mask - 0.1, num_iters=0)
        yield call(mask[..., :1, :1] / 2, mask[..., :1, :1])
        yield call(mask[:0], mask[:0])

    def large(self, make: Make) -> Iterator[Sample]:
        mask = make.uniform(1, 3, 63, 91)
        for method, sign in (("dilation", 1), ("erosion", -1)):
            yield call(mask - 0.4 * sign, mask, method=method)
            yield call(mask - 0.4 * sign, mask, cross(3), method)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.reconstruction(*args, **kwargs)

    def special(self, make: Make) -> Iterator[Sample]:
        flat = make.tensor(torch.ones(1, 1, 4, 4))
        yield call(flat, flat)
        yield call(flat / 2, flat, method="erosion")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 1, 4, 4)
        yield TypeError, "seed must be a torch.Tensor, got list", call([1.0], image)
        yield TypeError, "mask must have a floating-point dtype or be uint8, got torch.int64", call(image, image.long())
        yield ValueError, r"seed must have shape \(B, C, H, W\), got \(4, 4\)", call(image[0, 0], image)
        yield ValueError, r"mask must have shape \(1, 1, 4, 4\), got \(1, 1, 4, 3\)", call(image, image[..., :3])
        yield ValueError, r"kernel must have odd sizes, got \(2, 3\)", call(image, image, torch.ones(2, 3))
        yield ValueError, r"kernel must have shape \(height, width\), got \(3,\)", call(image, image, torch.ones(3))
        yield ValueError, "method must be one of 'dilation', 'erosion', got 'up'", call(image, image, method="up")
        yield ValueError, "engine must be one of .* got 'convolution'", call(image, image, engine="convolution")
        yield ValueError, "num_iters must be at least 0, got -1", call(image, image, num_iters=-1)
        yield ValueError, "check_every must be at least 1, got 0", call(image, image, check_every=0)


WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


@WAYS
@pytest.mark.parametrize("method", ["dilation", "erosion"])
def test_photographs_equal_scikit_images(method: str, enabled: bool) -> None:
    for image in (photograph()[:, :, ::2, ::2].contiguous(), photograph()[:, :1, ::2, ::2] / 255):
        for kernel in (None, cross(3), torch.ones(3, 5), torch.tensor([[1, 0, 0], [0, 1, 0], [0, 0, 0]])):
            footprint = None if kernel is None else kernel.numpy()
            step = 40 if image.dtype is torch.uint8 else 0.15
            if method == "dilation":
                seed = (image.float() - step).clamp(min=0).to(image.dtype)
            else:
                seed = (image.float() + step).clamp(max=255).to(image.dtype)
            with use_kernels(enabled):
                actual = reconstruction(seed, image, kernel, method)
            assert actual.dtype is image.dtype
            for channel in range(image.shape[1]):
                arguments = seed[0, channel].numpy(), image[0, channel].numpy(), method, footprint
                expected = torch.from_numpy(skimage.morphology.reconstruction(*arguments))
                assert torch.equal(actual[0, channel], expected.to(image.dtype))


@WAYS
def test_holes_are_filled_through_a_winding_path(enabled: bool) -> None:
    """A spiral takes many more steps than the image is wide."""
    size = 31
    mask = torch.zeros(1, 1, size, size)
    row = column = 0
    mask[..., 0, 0] = 1
    sides = [size - 1] + [side for side in range(size - 1, 1, -2) for _ in (0, 1)]
    for turn, length in enumerate(sides):
        for _ in range(length):
            row, column = row + (0, 1, 0, -1)[turn % 4], column + (1, 0, -1, 0)[turn % 4]
            mask[..., row, column] = 1
    seed = torch.zeros_like(mask)
    seed[..., row, column] = 1
    with use_kernels(enabled):
        assert torch.equal(reconstruction(seed, mask, cross(3)), mask)
        assert not torch.equal(reconstruction(seed, mask, cross(3), num_iters=size), mask)


@WAYS
def test_gradients_are_kornias_where_values_differ(enabled: bool) -> None:
    seed, mask = torch.rand(2, 1, 2, 12, 13, dtype=torch.float32)
    weights = torch.rand(1, 2, 12, 13)
    for method in ("dilation", "erosion"):
        leaves = seed.clone().requires_grad_(), mask.clone().requires_grad_()
        with use_kernels(enabled):
            found = torch.autograd.grad(reconstruction(*leaves, method=method), leaves, weights)
        wanted = torch.autograd.grad(kornia.reconstruction(*leaves, method=method), leaves, weights)
        for actual, expected in zip(found, wanted, strict=True):
            torch.testing.assert_close(actual, expected)


@WAYS
def test_nan_ends(enabled: bool) -> None:
    mask = torch.rand(1, 1, 6, 6)
    mask[..., 3, 3] = math.nan
    with use_kernels(enabled):
        assert reconstruction(mask - 0.1, mask)[..., 3, 3].isnan().all()


def test_a_number_of_steps_compiles_and_vmaps() -> None:
    seed, mask = torch.rand(2, 3, 1, 2, 6, 7)

    def grow(seed: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return reconstruction(seed, mask, num_iters=3)

    expected = torch.stack([grow(s, m) for s, m in zip(seed, mask, strict=True)])
    assert torch.equal(torch.func.vmap(grow)(seed, mask), expected)
    compiled = torch.compile(grow, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(seed[0], mask[0]), expected[0])


@WAYS
def test_domes_are_what_an_erosion_cannot_reach(enabled: bool) -> None:
    """Opening by reconstruction keeps the shape of what the erosion leaves a trace of."""
    mask = torch.zeros(1, 1, 12, 12)
    mask[..., 1:6, 1:6] = 1
    mask[..., 3, 6:9] = 1
    mask[..., 9, 9] = 1
    with use_kernels(enabled):
        opened = reconstruction(erosion(mask, torch.ones(3, 3)), mask)
    expected = mask.clone()
    expected[..., 9, 9] = 0
    assert torch.equal(opened, expected)
