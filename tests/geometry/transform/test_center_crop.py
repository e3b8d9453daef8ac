# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.transform as kornia
import pytest
import torch
from kornia.constants import Resample

from foveal.geometry.transform import CenterCrop2D


@pytest.mark.parametrize("size", [3, (2, 4), (1, 6)])
@pytest.mark.parametrize("mode", ["slice", "resample"])
def test_as_kornia(size: int | tuple[int, int], mode: str) -> None:
    image = torch.rand(2, 3, 5, 6)
    for resample in ("BILINEAR", "bilinear", 1, Resample.BILINEAR):
        found = CenterCrop2D(size, resample=resample, cropping_mode=mode)(image)
        expected = kornia.CenterCrop2D(size, resample=resample, cropping_mode=mode)(image)
        torch.testing.assert_close(found, expected)


def test_crops_larger_than_the_image_have_zeros_around_it() -> None:
    image = torch.rand(1, 1, 3, 4)
    for mode in ("slice", "resample"):
        crop = CenterCrop2D((5, 6), cropping_mode=mode)(image)
        torch.testing.assert_close(crop, torch.nn.functional.pad(image, (1, 1, 1, 1)))


def test_representation_and_checks() -> None:
    layer = CenterCrop2D((3, 2), False, "nearest", "resample")
    assert repr(eval(repr(layer))) == repr(layer)
    with pytest.raises(ValueError, match="resample must be one of 'nearest', 'bilinear', got 'bicubic'"):
        CenterCrop2D(3, resample="BICUBIC")
    with pytest.raises(ValueError, match="cropping_mode must be one of 'slice', 'resample'"):
        CenterCrop2D(3, cropping_mode="cut")
    with pytest.raises(TypeError, match="size must be a tuple of 2 integers"):
        CenterCrop2D(2.5)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"input must have shape \(B, C, H, W\)"):
        layer(torch.zeros(3, 4, 5))
