# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.filters as kornia
import torch

from foveal.filters import GuidedBlur, guided_blur
from tests.contract import Contract, Make, Sample, call


class TestGuidedBlur(Contract):
    operation = staticmethod(guided_blur)
    module_form = GuidedBlur
    # Half precision is widened: only the rounding of guidance and input is left, which a slope multiplies.
    tolerance = {**Contract.tolerance, torch.float32: 2e-5}

    def oracle(self, guidance: Any, *args: Any, **kwargs: Any) -> Any:
        eps = kwargs.get("eps")
        if isinstance(eps, torch.Tensor) and eps.numel() > 1:  # Kornia broadcasts these over channels, undocumented
            return NotImplemented
        if 1 in guidance.shape[-2:]:
            return NotImplemented
        return kornia.guided_blur(guidance, *args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 7, 8)
        for guides in (1, 3, 2, 5):
            yield call(make.uniform(2, guides, 7, 8), image, 3, 0.1)
        guidance = make.uniform(2, 1, 7, 8)
        for border_type in ("constant", "reflect", "replicate", "circular"):
            yield call(guidance, image, (3, 4), 0.2, border_type)
        yield call(guidance, image, (4, 5), eps=0.3, subsample=2)
        yield call(guidance, image, 5, eps=0.3, subsample=3, separable=True)
        yield call(image, image, 3, eps=make.tensor([0.2]))
        yield call(image, image, 3, eps=make.tensor([0.2, 0.4]))
        yield call(make.uniform(1, 1, 1, 1), make.uniform(1, 2, 1, 1), 3, 0.1)
        yield call(guidance[:0], image[:0], 3, 0.1)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 3, 43, 52), make.uniform(1, 3, 43, 52), 9, 0.1)
        yield call(make.uniform(1, 1, 43, 52), make.uniform(1, 3, 43, 52), 8, 0.1, subsample=4)

    def special(self, make: Make) -> Iterator[Sample]:
        flat = make.tensor(torch.ones(1, 3, 4, 5))
        yield call(flat, flat, 3, 0.01)
        yield call(flat[:, :1], 0 * flat, 3, 0.01)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        one = make.uniform(2, 1, 4, 4)
        yield TypeError, "input must be a torch.Tensor, got list", call(one, [1.0], 3, 0.1)
        yield TypeError, "guidance must hold real numbers", call(one + 1j, one, 3, 0.1)
        yield ValueError, r"guidance must have shape \(2, C, 4, 4\), got \(1, 1, 4, 4\)", call(one[:1], one, 3, 0.1)
        yield ValueError, "kernel_size must be 2 integers of at least 1", call(one, one, 0, 0.1)
        yield ValueError, "eps must be positive, got -1", call(one, one, 3, -1)
        yield ValueError, r"eps must have one value or \(2,\), got \(3,\)", call(one, one, 3, make.uniform(3))
        yield ValueError, "border_type must be one of .*, got 'zero'", call(one, one, 3, 0.1, "zero")
        yield ValueError, "subsample must be 1 integers of at least 1", call(one, one, 3, 0.1, subsample=0)


def test_an_image_that_is_linear_in_its_guidance_is_kept() -> None:
    guidance = torch.rand(1, 3, 20, 30, dtype=torch.float64)
    image = 2 * guidance[:, :1] - guidance[:, 1:2] + 3
    torch.testing.assert_close(guided_blur(guidance, image, 5, 1e-12), image)


def test_a_large_eps_is_two_box_blurs() -> None:
    guidance, image = torch.rand(2, 1, 1, 20, 30, dtype=torch.float64)
    expected = kornia.box_blur(kornia.box_blur(image, 5), 5)
    torch.testing.assert_close(guided_blur(guidance, image, 5, 1e12), expected)


def test_an_eps_per_image_is_that_of_each() -> None:
    guidance, image = torch.rand(2, 2, 3, 20, 30, dtype=torch.float64)
    found = guided_blur(guidance, image, 5, torch.tensor([0.1, 0.4], dtype=torch.float64))
    for place, eps in enumerate((0.1, 0.4)):
        torch.testing.assert_close(found[place], guided_blur(guidance, image, 5, eps)[place])


def test_bytes_give_bytes() -> None:
    image = torch.randint(0, 256, (1, 3, 20, 30), dtype=torch.uint8)
    found = guided_blur(image, image, 5, 400.0)
    assert found.dtype is torch.uint8
    assert (found - guided_blur(image.double(), image.double(), 5, 400.0)).abs().max() < 0.51
