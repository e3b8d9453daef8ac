# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch

from foveal.geometry.transform import elastic_transform2d
from tests.contract import Contract, Make, Sample, call

peer: Any = kornia.geometry.transform


class TestElasticTransform2d(Contract):
    operation = staticmethod(elastic_transform2d)
    oracle = staticmethod(peer.elastic_transform2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        image, noise = make.uniform(2, 2, 5, 6), make.uniform(2, 2, 5, 6, low=-1)
        yield call(image, noise, (3, 5), (1.0, 2.0))
        yield call(image, noise, (3, 3), make.tensor([1.0, 1.5]), (0.5, 0.3), True, "bilinear", "reflection")

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 1, 4), make.tensor([[[[0.0] * 4]] * 2]), (1, 1), padding_mode="reflection")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(2, 1, 4, 4)
        yield ValueError, r"noise must have shape \(2, 2, 4, 4\)", call(image, make.uniform(2, 1, 4, 4))
        yield ValueError, "mode must be one of", call(image, make.uniform(1, 2, 4, 4), mode="cubic")

    @pytest.mark.parametrize("align_corners", [True, False])
    def test_no_noise_changes_nothing(self, align_corners: bool) -> None:
        image = torch.randn(1, 3, 37, 50)
        found = elastic_transform2d(image, torch.zeros(1, 2, 37, 50), align_corners=align_corners)
        assert torch.equal(found, image)
