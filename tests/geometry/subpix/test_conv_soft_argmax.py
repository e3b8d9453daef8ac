# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.subpix import ConvSoftArgmax2d, ConvSoftArgmax3d, conv_soft_argmax2d, conv_soft_argmax3d
from tests.contract import Contract, Make, Sample, call


class TestConvSoftArgmax2d(Contract):
    operation = staticmethod(conv_soft_argmax2d)
    module_form = ConvSoftArgmax2d

    def oracle(self, input: Tensor, *args: Any, **options: Any) -> Any:
        peer, temperature = kornia.geometry.subpix.conv_soft_argmax2d, options.get("temperature")
        if isinstance(temperature, Tensor):
            # Kornia takes one temperature for all channels.
            options = {name: value for name, value in options.items() if name != "temperature"}
            channels = zip(input.split(1, dim=1), temperature.flatten(), strict=True)
            return torch.cat([peer(maps, *args, temperature=t.item(), **options) for maps, t in channels], dim=1)
        return peer(input, *args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 5, 7))
        yield call(make.normal(1, 2, 6, 5), normalized_coordinates=False, output_value=True)
        yield call(make.normal(1, 2, 7, 6), (2, 4), (2, 1), (1, 2), temperature=0.5, output_value=True)
        yield call(make.normal(1, 1, 9, 8), (5, 3), (3, 2), (0, 0), output_value=True)
        yield call(make.normal(2, 2, 4, 4), temperature=make.tensor([[[[0.5]], [[2.0]]]]))
        yield call(make.normal(1, 2, 1, 5), output_value=True)
        yield call(make.normal(1, 1, 1, 1))
        yield call(make.normal(1, 1, 3, 4), (1, 1), (1, 1), (0, 0), output_value=True)
        yield call(make.normal(0, 2, 4, 4), output_value=True)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(3, 5, 65, 67), output_value=True)
        yield call(make.normal(2, 3, 90, 70) * 100, (5, 5), (1, 1), (2, 2), 0.5)
        yield call(make.normal(2, 3, 90, 70), (3, 4), (2, 3), (1, 2), output_value=True)
        yield call(make.normal(2, 1, 40, 41), (2, 2), (5, 4), (1, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 3, 3)), output_value=True)
        yield call(make.tensor([[[[-1000.0, 1000.0, 0.0], [0.0, 1000.0, 1000.0]]]]), output_value=True)
        masked = torch.zeros(1, 1, 4, 5)
        masked[..., 1:3] = -torch.inf
        yield call(make.tensor(masked), output_value=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = make.normal(1, 1, 5, 6)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "input must have a floating-point dtype", call(make.integers(0, 2, 1, 1, 5, 6))
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(5, 6\)", call(maps[0, 0])
        yield TypeError, "kernel_size must be a tuple of 2 integers, got int", call(maps, 3)
        yield ValueError, "stride must be 2 integers of at least 1", call(maps, stride=(0, 1))
        yield (
            ValueError,
            r"padding must be at most half of kernel_size \(3, 3\), got \(2, 2\)",
            call(maps, padding=(2, 2)),
        )
        yield ValueError, "kernel_size must fit in the padded input", call(maps, (7, 7), padding=(0, 0))
        yield ValueError, "temperature must be positive, got 0", call(maps, temperature=0.0)
        yield ValueError, "temperature must be the same all over a map", call(maps, temperature=make.uniform(5, 6))

    def test_padding_has_no_weight(self) -> None:
        # In a corner only the four pixels of the map count: their mean, not that of nine.
        assert conv_soft_argmax2d(torch.zeros(1, 1, 5, 5), normalized_coordinates=False)[0, 0, :, 0, 0].tolist() == [
            0.5,
            0.5,
        ]

    def test_a_window_knows_nothing_of_the_rest_of_the_map(self) -> None:
        maps = torch.randn(1, 1, 12, 12)
        expected = conv_soft_argmax2d(maps, output_value=True)
        maps[0, 0, 0, 0] = 1e6
        found = conv_soft_argmax2d(maps, output_value=True)
        for ours, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(ours[..., 2:, 2:], theirs[..., 2:, 2:])

    def test_masked_and_broken_maps(self) -> None:
        maps = torch.randn(1, 3, 40, 41)
        maps[0, 0, 5:20, 3:30] = -torch.inf
        maps[0, 1, 30, 7] = torch.nan
        maps[0, 2, 10, 40] = torch.inf
        options = ((3, 3), (1, 1), (1, 1), 1.0, False, 1e-8, True)
        for ours, theirs in zip(
            conv_soft_argmax2d(maps, *options), conv_soft_argmax2d.reference(maps, *options), strict=True
        ):
            torch.testing.assert_close(ours, theirs, equal_nan=True)
            assert ours.isnan().any()

    @pytest.mark.parametrize("output_value", [False, True])
    @pytest.mark.parametrize("scale", [1.0, 300.0])
    def test_gradient_of_strips(self, scale: float, output_value: bool) -> None:
        # Many strips per map, even and uneven ones; scores of 300 lose digits in the reference as well.
        maps = torch.randn(2, 1, 130, 50) * scale
        for size, stride, padding in (((3, 3), (1, 1), (1, 1)), ((4, 3), (3, 2), (1, 1)), ((2, 2), (5, 4), (0, 1))):
            found, wanted = [
                self.gradient(function, tensor, size, stride, padding, output_value)
                for function, tensor in ((conv_soft_argmax2d, maps), (conv_soft_argmax2d.reference, maps.double()))
            ]
            torch.testing.assert_close(found.double(), wanted, rtol=1e-4, atol=1e-5 * scale)

    @staticmethod
    def gradient(function: Any, maps: Tensor, *options: Any) -> Tensor:
        *sizes, output_value = options
        leaf = maps.clone().requires_grad_()
        result = function(leaf, *sizes, 1.0, True, 1e-8, output_value)
        outputs = result if output_value else (result,)
        weights = [torch.linspace(-1, 1, o.numel(), dtype=o.dtype).view(o.shape) for o in outputs]
        return torch.autograd.grad(outputs, leaf, weights)[0]


class TestConvSoftArgmax3d(Contract):
    operation = staticmethod(conv_soft_argmax3d)
    module_form = ConvSoftArgmax3d

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.subpix.conv_soft_argmax3d(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(1, 2, 3, 4, 5))
        yield call(make.normal(1, 1, 4, 5, 6), normalized_coordinates=True, output_value=False)
        yield call(make.normal(1, 1, 5, 6, 7), (2, 3, 4), (2, 1, 2), (1, 0, 2), temperature=0.5)
        yield call(make.normal(1, 1, 3, 4, 5), (1, 3, 3), padding=(0, 1, 1))
        yield call(make.normal(1, 2, 2, 3, 3), temperature=make.tensor(0.5))
        yield call(make.normal(1, 1, 1, 3, 4), normalized_coordinates=True)
        yield call(make.normal(0, 2, 3, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(1, 2, 5, 65, 67))
        yield call(make.normal(1, 1, 7, 40, 33) * 100, (5, 3, 3), (1, 2, 1), (2, 1, 1), output_value=False)
        yield call(make.normal(1, 1, 9, 12, 9), (2, 3, 3), (4, 4, 4), (0, 1, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 3, 3, 3)))
        yield call(make.tensor(torch.zeros(1, 1, 1, 1, 1)), normalized_coordinates=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        volume = make.normal(1, 1, 3, 4, 5)
        yield ValueError, r"input must have shape \(B, C, D, H, W\)", call(volume[0])
        yield ValueError, "kernel_size must be 3 integers of at least 1", call(volume, (3, 3))
        yield ValueError, "padding must be at most half", call(volume, padding=(2, 1, 1))
        yield ValueError, "temperature must be positive", call(volume, temperature=-1.0)

    def test_strict_maxima_bonus_warns_and_does_nothing(self) -> None:
        volume = torch.randn(1, 1, 3, 4, 5)
        with pytest.warns(DeprecationWarning, match="nms3d"):
            found = conv_soft_argmax3d(volume, strict_maxima_bonus=10.0)
        for ours, theirs in zip(found, conv_soft_argmax3d(volume), strict=True):
            torch.testing.assert_close(ours, theirs)
