# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.peaks import render_confidence_maps
from tests.contract import Contract, Make, Sample, call

NAN = float("nan")


class TestRenderConfidenceMaps(Contract):
    operation = staticmethod(render_confidence_maps)
    # A coordinate of 11.3 is known to 1/32 in bfloat16, 1/256 in float16; a map changes by 0.6 / sigma a pixel.
    tolerance = {**Contract.tolerance, torch.bfloat16: 6e-2, torch.float16: 1e-2}

    def oracle(
        self, points: Tensor, size: tuple[int, int], sigma: Any, *, stride: int = 1, align: str = "first"
    ) -> Tensor:
        sigmas = torch.as_tensor(sigma).double().expand(points.shape[:-1])
        if points.ndim == 3:
            points, sigmas = points[:, None], sigmas[:, None]
        shift = (stride - 1) / 2 if align == "center" else 0
        rows, columns = np.mgrid[: size[0] : stride, : size[1] : stride] + shift
        maps = np.zeros((len(points), points.shape[2], *rows.shape))
        for sample, instance, channel in np.ndindex(*points.shape[:3]):
            x, y = points[sample, instance, channel].tolist()
            if np.isfinite(x + y):
                square = (columns - x) ** 2 + (rows - y) ** 2
                blob = np.exp(-square / (2 * sigmas[sample, instance, channel].item() ** 2))
                maps[sample, channel] = np.maximum(maps[sample, channel], blob)
        return torch.tensor(maps)

    def samples(self, make: Make) -> Iterator[Sample]:
        points = make.uniform(2, 4, 3, 2, low=-2, high=13)
        yield call(points, (12, 11), 1.5)
        yield call(points[:, 0], (12, 11), 1.5)
        yield call(points, (13, 10), 3.0, stride=4)
        yield call(points[:, :2], (13, 10), 3.0, stride=2, align="center")
        yield call(points, (6, 7), make.tensor([1.0, 1.5, 2.5]))
        yield call(points[:, 0], (1, 1), 2.0)
        yield call(points[:, :0], (5, 4), 2.0)
        yield call(points[:0], (5, 4), 2.0)

    def large(self, make: Make) -> Iterator[Sample]:
        points = make.uniform(3, 5, 7, 2, low=-5, high=100)
        points[0, 1, 2] = NAN
        points[1, :, 3] = NAN
        yield call(points, (70, 95), 2.5)
        yield call(points, (70, 95), 6.0, stride=3, align="center")
        yield call(points[:, 0], (95, 70), 4.0)
        yield call(points[:, :1], (95, 70), 40.0)

    def special(self, make: Make) -> Iterator[Sample]:
        points = make.tensor([[[NAN, 2], [3, NAN]], [[float("inf"), 2], [1e4, -1e4]]])
        yield call(points, (6, 7), 1.5)
        yield call(points[:, None], (6, 7), 1.5)
        yield call(make.tensor(torch.full((1, 2, 1, 2), NAN)), (6, 7), 0.02)
        # Two instances at one place.
        yield call(make.tensor(torch.ones(1, 2, 1, 2)), (6, 7), 1.5)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        points = make.uniform(1, 2, 3, 2)
        yield TypeError, "points must have a floating-point dtype", call(points.long(), (8, 8), 1.0)
        yield ValueError, r"points must have shape \(samples, instances, chan", call(points[0, 0], (8, 8), 1.0)
        yield ValueError, r"points must have shape \(samples, channels, 2\)", call(points[0, :, :, :1], (8, 8), 1.0)
        yield TypeError, "size must be a tuple of 2 integers, got int", call(points, 8, 1.0)
        yield ValueError, "sigma must be positive, got 0", call(points, (8, 8), 0)
        yield ValueError, "stride must be 1 integers of at least 1", call(points, (8, 8), 1.0, stride=0)
        yield (
            ValueError,
            "align must be one of 'first', 'center', got 'corner'",
            call(points, (8, 8), 1.0, align="corner"),
        )

    def test_maximum_is_one_at_the_point(self) -> None:
        maps = render_confidence_maps(torch.tensor([[[5.0, 3.0]]]), (8, 9), 1.5)
        assert maps[0, 0, 3, 5] == maps.max() == 1

    @pytest.mark.parametrize(("align", "first"), [("first", 0.0), ("center", 1.5)])
    def test_sigma_and_points_are_in_input_pixels_at_every_stride(self, align: str, first: float) -> None:
        points = torch.tensor([[[17.3, 22.8]]], dtype=torch.float64)
        fine = render_confidence_maps(points - first, (64, 64), 5.0)
        coarse = render_confidence_maps(points, (64, 64), 5.0, stride=4, align=align)
        torch.testing.assert_close(coarse, fine[..., ::4, ::4])

    def test_absent_points_leave_maps_and_gradients_empty(self) -> None:
        points = torch.tensor([[[[2.0, 2.0], [NAN, 1.0]], [[NAN, NAN], [1.0, NAN]]]], requires_grad=True)
        maps = render_confidence_maps(points, (5, 5), 1.0)
        assert maps[0, 1].eq(0).all()
        (gradient,) = torch.autograd.grad(maps.square().sum() + maps[..., 0].sum(), points)
        assert gradient.isfinite().all()
        assert gradient[0, 0, 0, 0] != 0
        assert gradient[0, 1].eq(0).all()
        assert gradient[0, 0, 1].eq(0).all()

    def test_gradient_finds_the_point(self) -> None:
        target = render_confidence_maps(torch.tensor([[[12.4, 9.7]]]), (24, 24), 2.0)
        point = torch.tensor([[[10.0, 11.0]]], requires_grad=True)
        optimizer = torch.optim.Adam([point], lr=0.1)
        for _ in range(150):
            optimizer.zero_grad()
            (render_confidence_maps(point, (24, 24), 2.0) - target).square().sum().backward()
            optimizer.step()
        torch.testing.assert_close(point.detach(), torch.tensor([[[12.4, 9.7]]]), atol=0.01, rtol=0)
