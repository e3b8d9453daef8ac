# SPDX-License-Identifier: Apache-2.0
import math

import pytest
import torch

from foveal.apps.enlargement import enlarge


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_pixels_stay(factor: int) -> None:
    image = torch.rand(9, 14)
    large = enlarge(image, factor)
    assert large.shape == (9 * factor, 14 * factor)
    torch.testing.assert_close(large[::factor, ::factor], image, atol=1e-6, rtol=0)


def test_waves_are_continued_between_pixels() -> None:
    y, x = torch.meshgrid(torch.arange(0, 40, 0.25), torch.arange(0, 50, 0.25), indexing="ij")
    # Eight pixels a wave: the finest that a blurred photograph has to show.
    wave = torch.sin(2 * math.pi * (x + 0.3) / 8) * torch.cos(2 * math.pi * y / 11)
    large = enlarge(wave[::4, ::4].contiguous(), 4)
    inside = (slice(40, -40), slice(40, -40))
    torch.testing.assert_close(large[inside], wave[inside], atol=2e-3, rtol=0)
