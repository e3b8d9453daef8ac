# SPDX-License-Identifier: Apache-2.0
"""Accuracy of the refinements, against Gaussians whose centres are known."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from foveal.peaks import find_global_peaks, find_local_peaks
from foveal.peaks.refinement import REFINEMENTS
from tests.peaks.scenes import gaussians

SIZE = 48
BOTH = pytest.mark.parametrize("find", [find_global_peaks, find_global_peaks.reference], ids=["kernel", "reference"])
EXACT = pytest.mark.parametrize("refinement", ["log_quadratic", "gaussian"])


def uniform(count: int, low: float, high: float, seed: int = 0) -> Tensor:
    """Return points (x, y) in a square, (n, 2) in float64."""
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(count, 2, generator=generator, dtype=torch.float64)


def farthest(points: Tensor, centres: Tensor) -> float:
    return (points.double() - centres).abs().max().item()


@BOTH
@EXACT
@pytest.mark.parametrize("sigma", [1.0, 1.4, 2.0, 3.0, 4.0, 5.0])
class TestWithoutNoise:
    def test_inside(self, find: Any, refinement: str, sigma: float) -> None:
        centres = uniform(500, 2.0, SIZE - 3.0)
        points, _ = find(gaussians(centres, sigma, SIZE, SIZE)[None].float(), refinement=refinement)
        assert farthest(points[0], centres) < 1e-4  # the bar is 0.01

    def test_near_the_border(self, find: Any, refinement: str, sigma: float) -> None:
        # From the edge of the outermost pixels, half a pixel outside their centres, on all four sides and corners.
        centres = uniform(2000, -0.5, SIZE - 0.5)
        centres = centres[((centres < 2) | (centres > SIZE - 3)).any(dim=1)]
        points, _ = find(gaussians(centres, sigma, SIZE, SIZE)[None].float(), refinement=refinement)
        assert farthest(points[0], centres) < 1e-3  # the bar is 0.05

    def test_any_height(self, find: Any, refinement: str, sigma: float) -> None:
        centres = uniform(50, 2.0, SIZE - 3.0)
        maps = gaussians(centres, sigma, SIZE, SIZE)[None]
        for height in (1e-6, 1e6):
            points, _ = find((height * maps).float(), 0.2 * height, refinement)
            assert farthest(points[0], centres) < 1e-4


@EXACT
def test_local_peaks_are_as_exact(refinement: str) -> None:
    centres = uniform(300, 1.0, SIZE - 2.0)
    points, values, _, channels = find_local_peaks(gaussians(centres, 2.0, SIZE, SIZE)[None].float(), 0.2, refinement)
    assert len(values) == len(centres)
    assert farthest(points, centres[channels.long()]) < 1e-4


@BOTH
def test_log_quadratic_is_exact_for_any_ellipse(find: Any) -> None:
    centres = uniform(200, 10.0, SIZE - 10.0)
    angle, ratio = 2 * math.pi * uniform(200, 0, 1, seed=1)[:, 0], 1 + uniform(200, 0, 1, seed=2)[:, 0]
    axis = torch.arange(SIZE, dtype=torch.float64)
    x, y = (axis - centres[:, 0:1])[:, None, :], (axis - centres[:, 1:2])[:, :, None]
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    exponent = (cos * x + sin * y) ** 2 / ratio[:, None, None] ** 2 + (cos * y - sin * x) ** 2
    points, _ = find((-exponent / 4).exp()[None].float(), refinement="log_quadratic")
    assert farthest(points[0], centres) < 1e-4


@pytest.mark.parametrize("sigma", [1.5, 2.0, 2.5, 3.0, 4.0])
def test_gaussian_reaches_the_cramer_rao_bound(sigma: float) -> None:
    noise = 0.02
    centres = uniform(5000, SIZE / 2 - 0.5, SIZE / 2 + 0.5)
    generator = torch.Generator().manual_seed(1)
    maps = gaussians(centres, sigma, SIZE, SIZE).float()
    maps += noise * torch.randn(maps.shape, generator=generator)
    points, _ = find_global_peaks(maps[None], refinement="gaussian")
    error = (points[0].double() - centres).square().mean().sqrt().item()
    assert error < 1.05 * math.sqrt(2 / math.pi) * noise
    # The bound: less would be a mistake of this test, but for the spread of 1 % that 10,000 coordinates have.
    assert error > 0.97 * math.sqrt(2 / math.pi) * noise


@pytest.mark.parametrize("sigma", [1.5, 3.0])
@pytest.mark.parametrize(("distance", "bar"), [(2.5, 0.1), (3.0, 0.05), (4.0, 0.015), (6.0, 0.001)])
def test_a_neighbour_moves_the_gaussian_fit_little(sigma: float, distance: float, bar: float) -> None:
    angles = 2 * math.pi * uniform(100, 0, 1)[:, 0]
    centres = uniform(100, 31.5, 32.5, seed=1)
    others = centres + distance * sigma * torch.stack([angles.cos(), angles.sin()], dim=-1)
    maps = torch.maximum(gaussians(centres, sigma, 64, 64), gaussians(others, sigma, 64, 64))
    points, *_, channels = find_local_peaks(maps[None].float(), 0.5, "gaussian")
    errors = torch.minimum(*((points - c[channels.long()]).norm(dim=-1) for c in (centres, others)))
    assert len(points) == 200
    assert errors.max() < bar * sigma


@BOTH
@pytest.mark.parametrize("refinement", [name for name in REFINEMENTS if name])
def test_no_offset_is_large_or_nan(find: Any, refinement: str) -> None:
    reach = {"local": 0.25, "integral": 2.0, "gaussian": 6.0}.get(refinement, 1.0)
    for maps in (torch.rand(1, 400, 7, 7), torch.randn(1, 400, 9, 9), torch.rand(1, 400, 5, 5).round()):
        rough, _ = find(maps, -10.0)
        points, _ = find(maps, -10.0, refinement)
        assert (points - rough).abs().max() <= reach
        assert points.isfinite().all()


@BOTH
@EXACT
def test_nan_far_from_the_peak_is_passed_over(find: Any, refinement: str) -> None:
    maps = gaussians([(20.3, 21.6)], 2.0, SIZE, SIZE)[None].float()
    maps[0, 0, 26, 20] = -torch.inf
    points, _ = find(maps, refinement=refinement)
    assert farthest(points[0], torch.tensor([[20.3, 21.6]])) < 1e-4


@BOTH
@EXACT
@pytest.mark.parametrize("centre", [(20.3, 21.6), (0.2, 30.0)])
def test_gradient_follows_the_centre(find: Any, refinement: str, centre: tuple[float, float]) -> None:
    def located(point: Tensor) -> Tensor:
        axis = torch.arange(SIZE, dtype=torch.float64)
        x, y = (axis - point[0]) ** 2, (axis - point[1]) ** 2
        return find((-(x + y[:, None]) / 8).exp()[None, None], refinement=refinement)[0][0, 0]

    jacobian = torch.autograd.functional.jacobian(located, torch.tensor(centre, dtype=torch.float64))
    torch.testing.assert_close(jacobian, torch.eye(2, dtype=torch.float64), atol=1e-5, rtol=0)


def test_quadratic_uses_the_mixed_term() -> None:
    # x^2 + x y + y^2 about (2.2, 1.9): solving each axis alone would give (2.15, 2.0).
    axis = torch.arange(5.0)
    x, y = axis - 2.2, (axis - 1.9)[:, None]
    points, _ = find_global_peaks((10 - x * x - x * y - y * y)[None, None], refinement="quadratic")
    torch.testing.assert_close(points[0, 0], torch.tensor([2.2, 1.9]))


def test_half_precision_maps_have_float32_points() -> None:
    maps = torch.zeros(1, 1, 3, 3001, dtype=torch.float16)
    maps[0, 0, 1, 2998:] = torch.tensor([0.5, 1.0, 0.5])
    points, values = find_global_peaks(maps, refinement="log_quadratic")
    assert points.tolist() == [[[2999.0, 1.0]]]
    assert (points.dtype, values.dtype) == (torch.float32, torch.float16)
