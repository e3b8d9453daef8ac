# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.color
import matplotlib
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.color import ApplyColorMap, ColorMap, ColorMapType, apply_colormap
from tests.contract import Contract, Make, Sample, call


class TestApplyColormap(Contract):
    operation = staticmethod(apply_colormap)
    module_form = ApplyColorMap
    # A step function of the values, in the dtype of the colours.
    differentiable = False
    half = False

    def oracle(self, image: Tensor, colormap: ColorMap) -> Tensor:
        peer = kornia.color.ColorMap(colormap.name, len(colormap))
        return kornia.color.apply_colormap(image, peer)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 4, 5), ColorMap("viridis"))
        yield call(make.uniform(3, 4, 5), ColorMap(ColorMapType.jet, num_colors=9))
        yield call(make.uniform(2, 3, 4, 5) * 255, ColorMap("ocean", 256))
        yield call(make.integers(0, 256, 2, 1, 4, 5), ColorMap("cool"))
        yield call(make.integers(0, 256, 1, 4, 5).to(torch.uint8), ColorMap("autumn", 2))
        yield call(make.uniform(0, 1, 2, 2), ColorMap("bone"))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[[-1.0, 0.0, 0.5, 1.0, 2.0, 300.0]]]), ColorMap("bone"))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input_tensor must be a torch.Tensor, got list", call([1.0], ColorMap("hot"))
        yield TypeError, "colormap must be a ColorMap, got str", call(make.uniform(1, 2, 2), "hot")
        yield ValueError, r"\(C, H, W\) or \(B, C, H, W\), got \(2, 2\)", call(make.uniform(2, 2), ColorMap("hot"))

    def test_contract_vmap(self, device: torch.device, dtype: torch.dtype) -> None:
        images, colormap = Make(dtype, device).uniform(3, 1, 2, 5), ColorMap("jet")
        found = torch.func.vmap(lambda image: apply_colormap(image, colormap))(images)
        assert torch.equal(found[:, 0], apply_colormap(images, colormap))


@pytest.mark.parametrize("kind", ColorMapType)
def test_colours_are_matplotlibs_and_kornias(kind: ColorMapType) -> None:
    colours = ColorMap(kind, dtype=torch.float64).colors
    expected = matplotlib.colormaps[kind.name].resampled(64)(np.arange(64))[:, :3].T
    # matplotlib writes down the anchors of `hot` and `pink` with six digits, and that of 1/24 as 0.0416.
    torch.testing.assert_close(colours, torch.from_numpy(expected.copy()), rtol=0, atol=1e-4)
    for count in (7, 64, 200):
        peer = kornia.color.ColorMap(kind.name, count).colors
        torch.testing.assert_close(ColorMap(kind, count).colors, peer, rtol=0, atol=1e-4)


def test_names_are_kornias() -> None:
    assert {kind.name: kind.value for kind in ColorMapType} == {k.name: k.value for k in kornia.color.ColorMapType}
    assert torch.equal(ColorMap("JET").colors, ColorMap(ColorMapType.jet).colors)
    assert ColorMap("jet").name == "jet"


def test_own_colours() -> None:
    base = [[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]]
    for count in (2, 3, 8):
        expected = kornia.color.ColorMap(base, count).colors
        torch.testing.assert_close(ColorMap(base, count).colors, expected)
    assert ColorMap(base, 2).name == kornia.color.ColorMap(base, 2).name
    assert len(ColorMap(base, 5)) == 5


def test_dtype_and_repr() -> None:
    colormap = ColorMap("jet", 5, dtype=torch.float64)
    assert colormap.colors.dtype is torch.float64
    assert torch.equal(eval(repr(colormap)).colors, colormap.colors)


@pytest.mark.parametrize(
    ("base", "exception", "message"),
    [
        ("nope", ValueError, "base must be one of autumn, bone, .*, got 'nope'"),
        (3, TypeError, "base must be a ColorMapType, its name or a list of RGB colours, got int"),
        ([], ValueError, "at least one RGB colour"),
        ([[0.0, 1.0]], ValueError, "at least one RGB colour"),
    ],
)
def test_bad_bases_raise(base: Any, exception: type[Exception], message: str) -> None:
    with pytest.raises(exception, match=message):
        ColorMap(base)


def test_every_byte_of_every_size_is_kornias() -> None:
    ramp = torch.arange(256).view(1, 16, 16)
    # With other sizes some bytes lie on a border, where Kornia's rounding decides.
    for count in (1, 2, 3, 9, 64, 256, 300):
        colormap, peer = ColorMap("winter", count), kornia.color.ColorMap("winter", count)
        expected = kornia.color.apply_colormap(ramp, peer)
        for image in (ramp, ramp.to(torch.uint8), ramp.float(), ramp.float() / 255):
            torch.testing.assert_close(apply_colormap(image, colormap), expected)


def test_range_is_decided_for_each_channel() -> None:
    image = torch.stack([torch.full((2, 2), 0.5), torch.tensor([[0.5, 127.5], [255.0, 0.0]])])
    first, second = apply_colormap(image, ColorMap("winter"))[0].split(3)
    colours = ColorMap("winter").colors
    assert torch.equal(first[:, 0, 0], colours[:, 31])
    assert torch.equal(second.flatten(1), colours[:, [1, 31, 63, 0]])
