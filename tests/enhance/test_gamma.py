# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import skimage.exposure
import torch

from foveal.enhance import AdjustGamma, adjust_gamma
from tests.contract import Make, Sample, call
from tests.enhance.case import AdjustmentCase


class TestAdjustGamma(AdjustmentCase):
    operation = staticmethod(adjust_gamma)
    module_form = AdjustGamma
    peer = staticmethod(kornia.enhance.adjust_gamma)
    image_name = "input"
    low = 0.01
    options = (
        {"gamma": [0.5, 2.2], "gain": [1.1, 0.7]},
        {"gamma": 2.2},
        {"gamma": 0.45, "gain": 1.5},
        {"gamma": 0.0},
        {"gamma": 1.0, "gain": [0.5, 2.0]},
        {"gamma": [[0.5, 1.0, 3.0], [0.1, 0.2, 0.3]]},
    )

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield ValueError, "gamma must be at least 0, got -1", call(make.uniform(2, 3, 4, 4), -1.0)
        yield ValueError, "gain must be at least 0, got -1", call(make.uniform(2, 3, 4, 4), 1.0, -1.0)


def test_values_are_scikit_images() -> None:
    image = torch.rand(3, 40, 50)
    expected = skimage.exposure.adjust_gamma(image.double().numpy(), 2.2)
    torch.testing.assert_close(adjust_gamma(image, 2.2), torch.from_numpy(expected).float())


def test_dark_pixels_count_as_black() -> None:
    image = torch.tensor([[-1.0, -0.0, 0.0, 1e-40, torch.nan, torch.inf, 4.0] * 3])
    for function in (adjust_gamma, adjust_gamma.reference):
        found = function(image, 0.5)[0, :7]
        assert found.isnan().tolist() == [False] * 4 + [True] + [False] * 2
        assert found[[0, 1, 2, 5, 6]].tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]
        assert found[3] < 1e-18
        assert function(image[:, :4], 0.0).eq(1).all()
        assert function(image[:, :3], torch.tensor(2.0)).eq(0).all()
        assert function(image[:, :3], torch.tensor(0.0)).eq(1).all()
