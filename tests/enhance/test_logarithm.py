# SPDX-License-Identifier: Apache-2.0
import kornia.enhance
import skimage.exposure
import torch

from foveal.enhance import AdjustLog, adjust_log
from tests.enhance.case import AdjustmentCase


class TestAdjustLog(AdjustmentCase):
    operation = staticmethod(adjust_log)
    module_form = AdjustLog
    peer = staticmethod(kornia.enhance.adjust_log)
    low, high = -0.5, 1.5
    options = (
        {},
        {"gain": 1.3},
        {"gain": 0.7, "inv": True},
        {"gain": 2.0, "clip_output": False},
        {"gain": 2.0, "inv": True, "clip_output": False},
    )

    def numbers(self) -> dict[str, float]:
        return {"gain": 1.5}


def test_values_are_scikit_images() -> None:
    image = torch.rand(3, 40, 50)
    for inv in (False, True):
        expected = torch.from_numpy(skimage.exposure.adjust_log(image.double().numpy(), 0.8, inv=inv)).float()
        torch.testing.assert_close(adjust_log(image, 0.8, inv), expected)


def test_a_gain_per_image() -> None:
    image, gain = torch.rand(2, 3, 40, 50), torch.tensor([0.5, 2.0])
    expected = torch.stack([adjust_log(image[0], 0.5), adjust_log(image[1], 2.0)])
    torch.testing.assert_close(adjust_log(image, gain), expected)


def test_far_values() -> None:
    image = torch.tensor([[-1.0, -2.0, torch.nan, torch.inf, 1e30, 0.0] * 3])
    for inv in (False, True):
        found, expected = adjust_log(image, 1.0, inv, False), adjust_log.reference(image, 1.0, inv, False)
        torch.testing.assert_close(found, expected, equal_nan=True)
