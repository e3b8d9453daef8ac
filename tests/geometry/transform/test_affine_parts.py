# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch

from foveal.geometry.transform import Rotate, Scale, Shear, Translate, rotate, scale, shear, translate
from tests.contract import Contract, Make, Sample, call

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]


class TestRotate(Contract):
    operation = staticmethod(rotate)
    module_form = Rotate
    oracle = staticmethod(peer.rotate)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 5, 6), 100 * make.normal(2), make.uniform(2, 2, high=4))
        yield call(make.uniform(2, 5, 6), make.tensor([33.0]), padding_mode="border")

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 4, 4), make.tensor([0.0, 180.0]))
        yield call(make.uniform(1, 1, 1, 1), make.tensor([90.0]))

    def invalid(self, make: Make) -> Bad:
        image = make.uniform(2, 1, 4, 4)
        yield ValueError, r"angle must have shape \(2\), got \(3\,\)", call(image, make.normal(3))
        yield ValueError, r"center must have shape \(2, 2\)", call(image, make.normal(2), make.normal(3, 2))
        yield ValueError, "padding_mode must be one of", call(image, make.normal(2), padding_mode="fill")

    def test_quarter_turns_are_rot90(self) -> None:
        image = torch.randn(1, 2, 37, 37)
        for turns in range(-4, 5):
            assert torch.equal(rotate(image, torch.tensor([90.0 * turns])), image.rot90(turns, (-2, -1)))
        assert torch.equal(rotate(image.byte(), torch.tensor(90.0)), image.byte().rot90(1, (-2, -1)))


class TestTranslate(Contract):
    operation = staticmethod(translate)
    module_form = Translate
    oracle = staticmethod(peer.translate)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 5, 6), make.normal(2, 2))
        yield call(make.uniform(2, 5, 6), make.normal(1, 2), padding_mode="reflection", align_corners=False)

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"translation must have shape", call(make.uniform(2, 1, 4, 4), make.normal(2))


class TestScale(Contract):
    operation = staticmethod(scale)
    module_form = Scale
    oracle = staticmethod(peer.scale)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 5, 6), make.uniform(2, 2, low=0.4, high=2))
        yield call(make.uniform(2, 1, 5, 6), make.uniform(2, low=0.4, high=2), make.uniform(2, 2, high=4))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"scale_factor must have shape", call(make.uniform(2, 1, 4, 4), make.uniform(3, 2))
        yield TypeError, "scale_factor must be a torch.Tensor", call(make.uniform(2, 1, 4, 4), 2.0)


class TestShear(Contract):
    operation = staticmethod(shear)
    oracle = staticmethod(peer.shear)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 5, 6), make.normal(2, 2) * 0.4)
        yield call(make.uniform(2, 5, 6), make.normal(1, 2) * 0.4, padding_mode="reflection", align_corners=True)

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"shear must have shape", call(make.uniform(2, 1, 4, 4), make.normal(2, 3))


class TestShearModule(TestShear):
    """The module's corners are aligned by default, the function's are not."""

    operation = staticmethod(shear)
    module_form = Shear

    def samples(self, make: Make) -> Iterator[Sample]:
        for sample in super().samples(make):
            yield call(*sample.args, **{**sample.kwargs, "align_corners": True})

    def test_corners_are_aligned_by_default(self) -> None:
        image, factors = torch.rand(1, 1, 5, 6), torch.tensor([[0.3, 0.2]])
        options: dict[str, Any] = {"padding_mode": "reflection"}
        assert torch.equal(Shear(factors, **options)(image), shear(image, factors, align_corners=True, **options))
