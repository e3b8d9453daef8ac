# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.color
import torch

from foveal.color import Sepia, sepia
from tests.color.case import ColourCase, photograph
from tests.contract import Make, Sample, call


class TestSepia(ColourCase):
    operation = staticmethod(sepia)
    module_form = Sepia
    peer = staticmethod(kornia.color.sepia)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        yield call(make.uniform(2, 3, 4, 5), rescale=False)
        yield call(make.uniform(2, 3, 4, 5), True, 1e-2)


def test_each_image_has_its_own_scale() -> None:
    images = torch.rand(2, 3, 4, 5) * torch.tensor([1.0, 0.1]).view(2, 1, 1, 1)
    torch.testing.assert_close(sepia(images, eps=0.0).amax((1, 2, 3)), torch.ones(2))


def test_bytes() -> None:
    image = photograph()
    for rescale in (True, False):
        expected = (sepia(image / 255, rescale) * 255).clamp(0, 255)
        assert (sepia(image, rescale) - expected).abs().max() <= 0.501
