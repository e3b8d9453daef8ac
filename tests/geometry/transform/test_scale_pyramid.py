# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.geometry.transform as kornia
import pytest
import torch

from foveal.geometry.transform import ScalePyramid

OPTIONS: list[dict[str, Any]] = [
    {"min_size": 20},
    {"min_size": 20, "double_image": True},
    {"n_levels": 1, "init_sigma": 0.3, "min_size": 8, "extra_levels": 2},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_as_kornia(options: dict[str, Any]) -> None:
    image = torch.rand(2, 1, 67, 81, dtype=torch.float64)
    for found, expected in zip(ScalePyramid(**options)(image), kornia.ScalePyramid(**options)(image), strict=True):
        for mine, its in zip(found, expected, strict=True):
            torch.testing.assert_close(mine, its, rtol=1e-6, atol=1e-6)  # its taps are float32


def test_the_blur_of_small_images_is_not_cut_off() -> None:
    """A pixel spreads as the Gaussian does, though it is as wide as the image."""
    levels = ScalePyramid(init_sigma=3.0)(torch.ones(1, 1, 9, 80))[0][0]
    torch.testing.assert_close(levels, torch.ones_like(levels))
    column = torch.linspace(0, 1, 9)[:, None].expand(1, 1, 9, 80)
    small, large = (ScalePyramid(init_sigma=sigma)(column)[0][0][:, :, 0].std() for sigma in (3.0, 30.0))
    assert large < small / 10


def test_octaves_without_extra_levels_halve_the_level_of_twice_the_blur() -> None:
    image = torch.rand(1, 1, 70, 80)
    few, many = (ScalePyramid(extra_levels=count)(image)[0] for count in (0, 3))
    assert [tuple(octave.shape) for octave in few] == [(1, 1, 3, 70, 80), (1, 1, 3, 35, 40), (1, 1, 3, 17, 20)]
    for a, b in zip(few, many, strict=True):
        assert torch.equal(a, b[:, :, :3])


def test_gradients_and_precisions() -> None:
    image = torch.rand(1, 1, 40, 50, requires_grad=True)
    octaves, _, _ = ScalePyramid()(image)
    (gradient,) = torch.autograd.grad([octave.square().sum() for octave in octaves], image)
    assert gradient.isfinite().all()
    for part in ScalePyramid()(image.detach().half()):
        assert all(tensor.dtype is torch.float16 for tensor in part)


def test_representation_and_checks() -> None:
    layer = ScalePyramid(2, min_size=20)
    assert repr(eval(repr(layer))) == repr(layer)
    assert (layer.border, layer.sigma_step, layer.get_kernel_size(1.2)) == (9, 2**0.5, 11)
    with pytest.raises(ValueError, match="n_levels must be at least 1, got 0"):
        ScalePyramid(0)
    with pytest.raises(ValueError, match="init_sigma must be at least 0"):
        ScalePyramid(init_sigma=-1.0)
    with pytest.raises(ValueError, match=r"x must have shape \(B, C, H, W\)"):
        layer(torch.zeros(3, 4, 5))
