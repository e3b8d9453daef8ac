# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import cv2
import kornia.enhance
import torch

from foveal.enhance import Invert, invert
from tests.contract import Make, Sample, call
from tests.enhance.case import AdjustmentCase


class TestInvert(AdjustmentCase):
    operation = staticmethod(invert)
    module_form = Invert
    peer = staticmethod(kornia.enhance.invert)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        yield call(make.uniform(2, 3, 4, 5), make.tensor(2.0))
        yield call(make.uniform(2, 3, 4, 5), make.tensor([[[[2.0]]], [[[3.0]]]]))
        yield call(make.uniform(7), make.tensor([1.5]))
        yield call(make.uniform(3, 3, 4, 5), make.uniform(3, 1, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield TypeError, "max_val must be a torch.Tensor, got float", call(make.uniform(2, 3), 1.0)


def test_bytes_are_opencvs() -> None:
    image = torch.randint(0, 256, (3, 20, 30), dtype=torch.uint8)
    expected = torch.from_numpy(cv2.bitwise_not(image.numpy()))
    for function in (invert, invert.reference):
        assert function(image).equal(expected)
        assert function(image, torch.tensor(255)).equal(expected)
        assert function(image, torch.tensor(100)).equal((100 - image.int()).clamp(min=0).to(torch.uint8))
