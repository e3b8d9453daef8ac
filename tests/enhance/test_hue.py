# SPDX-License-Identifier: Apache-2.0
import kornia.enhance
import torch

from foveal.color import hsv_to_rgb, rgb_to_hsv
from foveal.enhance import AdjustHue, adjust_hue, adjust_hue_raw
from tests.enhance.case import AdjustmentCase


class TestAdjustHue(AdjustmentCase):
    operation = staticmethod(adjust_hue)
    module_form = AdjustHue
    peer = staticmethod(kornia.enhance.adjust_hue)
    options = ({"factor": [0.5, -2.2]}, {"factor": 1.3}, {"factor": 20.0}, {"factor": 0.0})


class TestAdjustHueRaw(TestAdjustHue):
    operation = staticmethod(adjust_hue_raw)
    module_form = None
    peer = staticmethod(kornia.enhance.adjust_hue_raw)
    unit_options = False


def test_hue_by_way_of_hsv() -> None:
    image = torch.rand(2, 3, 40, 50, dtype=torch.float64)
    factor = torch.tensor([0.7, -2.5])
    expected = hsv_to_rgb(adjust_hue_raw(rgb_to_hsv(image), factor))
    torch.testing.assert_close(adjust_hue(image, factor), expected, rtol=0, atol=1e-7)
    torch.testing.assert_close(adjust_hue(image.float(), factor), expected.float(), rtol=0, atol=1e-5)


def test_grey_stays_and_turns_come_back() -> None:
    grey = torch.linspace(0, 1, 200).expand(3, 2, 200).contiguous()
    assert adjust_hue(grey, 1.0).equal(grey)
    image = torch.rand(2, 3, 40, 50)
    torch.testing.assert_close(adjust_hue(adjust_hue(image, 1.1), -1.1), image, rtol=0, atol=1e-5)


def test_raw_hue_stays_below_a_turn_and_bytes_wrap_at_180() -> None:
    image = torch.tensor([-1e-9, 6.2831855, 12.0, -7.0] * 5).expand(3, 1, 20).contiguous()
    for function in (adjust_hue_raw, adjust_hue_raw.reference):
        hue = function(image, 0.0)[0]
        assert (hue >= 0).all()
        assert (hue < 2 * torch.pi).all()
    bytes = torch.arange(180, dtype=torch.uint8).expand(3, 1, 180).contiguous()
    for function in (adjust_hue_raw, adjust_hue_raw.reference):
        found = function(bytes, torch.pi / 2)
        assert found[0, 0].tolist() == [(level + 45) % 180 for level in range(180)]
        assert found[1:].equal(bytes[1:])
