# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

import foveal
from foveal.geometry.subpix import (
    AdaptiveQuadInterp3d,
    ConvQuadInterp3d,
    IterativeQuadInterp3d,
    conv_quad_interp3d,
    iterative_quad_interp3d,
    nms3d,
)
from foveal.geometry.subpix.quad_interp import adaptive_quad_interp3d
from tests.contract import Contract, Make, Sample, call

BOTH = pytest.mark.parametrize("refine", [conv_quad_interp3d, iterative_quad_interp3d])


class TestConvQuadInterp3d(Contract):
    operation = staticmethod(conv_quad_interp3d)
    module_form = ConvQuadInterp3d
    oracle = staticmethod(kornia.geometry.subpix.conv_quad_interp3d)
    options: tuple[dict[str, Any], ...] = (
        {"n_iters": 1},
        {"n_iters": 0},
        {"max_subpixel_shift": 0.2, "dilation_radius": 0},
        {"dilation_radius": 2, "max_subpixel_shift": 0.4},
        {"allow_scale_steps": False, "max_subpixel_shift": 0.3},
        {"max_subpixel_shift": 2.0},
    )

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(1, 1, 5, 7, 9))
        for options in self.options:
            yield call(make.normal(1, 1, 5, 8, 9), precomputed_nms_mask=inner_mask(make, 1, 1, 5, 8, 9), **options)
        yield call(make.normal(1, 2, 1, 1, 1))
        yield call(make.normal(1, 1, 2, 5, 5))
        yield call(make.normal(0, 2, 3, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 5, 33, 37))
        for options in self.options:
            shape = (1, 2, 6, 21, 30)
            yield call(make.normal(*shape), precomputed_nms_mask=inner_mask(make, *shape), **options)

    def special(self, make: Make) -> Iterator[Sample]:
        everywhere = torch.ones(1, 1, 3, 5, 5, dtype=torch.bool, device=make.device)
        line = torch.arange(5.0) - 2
        for values in (torch.zeros(5), torch.ones(5), line, -(line**2), torch.tensor([0.0, 0, 3e4, 0, 0])):
            yield call(make.tensor(values.expand(1, 1, 3, 5, 5)), precomputed_nms_mask=everywhere)
        yield call(make.tensor(torch.full((1, 1, 3, 5, 5), 3e4)), precomputed_nms_mask=everywhere)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "input must have a floating-point dtype", call(make.integers(0, 2, 1, 1, 3, 3, 3))
        yield ValueError, r"input must have shape \(B, C, D, H, W\), got \(3, 3\)", call(make.normal(3, 3))
        volume = make.normal(1, 1, 3, 3, 3)
        yield ValueError, "n_iters must be at least 0, got -1", call(volume, -1)
        yield TypeError, "n_iters must be an integer, got float", call(volume, 1.5)
        yield TypeError, "precomputed_nms_mask must be a boolean tensor", call(volume, precomputed_nms_mask=volume)
        mask = torch.ones(1, 1, 3, 3, 4, dtype=torch.bool)
        yield (
            ValueError,
            r"precomputed_nms_mask must have shape \(1, 1, 3, 3, 3\)",
            call(volume, precomputed_nms_mask=mask),
        )
        if self.operation is conv_quad_interp3d:
            yield ValueError, "dilation_radius must be at least 0, got -2", call(volume, dilation_radius=-2)


class TestIterativeQuadInterp3d(TestConvQuadInterp3d):
    operation = staticmethod(iterative_quad_interp3d)
    module_form = IterativeQuadInterp3d
    oracle = staticmethod(kornia.geometry.subpix.iterative_quad_interp3d)
    options = (
        {"n_iters": 1},
        {"n_iters": 3, "max_candidates": 4},
        {"max_subpixel_shift": 0.2, "n_iters": 7},
        {"allow_scale_steps": False, "max_subpixel_shift": 0.3},
        {"max_candidates": 0},
        {"max_candidates": 9999},
    )

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        volume = make.normal(1, 1, 3, 3, 3)
        yield ValueError, "max_candidates must be at least 0, got -2", call(volume, max_candidates=-2)


class TestAdaptiveQuadInterp3d(TestConvQuadInterp3d):
    operation = staticmethod(adaptive_quad_interp3d)
    module_form = AdaptiveQuadInterp3d
    options = tuple(
        {"mode": mode, "max_candidates": 3, "dilation_radius": 0, "max_subpixel_shift": 0.4}
        for mode in ("auto", "conv", "patch")
    )

    def oracle(self, input: Tensor, precomputed_nms_mask: Tensor | None = None, **options: Any) -> Any:
        return kornia.geometry.subpix.AdaptiveQuadInterp3d(**options)(input, precomputed_nms_mask)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield (
            ValueError,
            "mode must be one of 'patch', 'conv', 'auto', got 'fast'",
            call(make.normal(1, 1, 3, 3, 3), "fast"),
        )


def inner_mask(make: Make, *shape: int) -> Tensor:
    """Draw voxels to refine; most are no maxima, so that their centres move far."""
    mask = torch.zeros(shape, dtype=torch.bool, device=make.device)
    mask[..., 1:-1, 1:-1, 1:-1] = (make.uniform(*shape) < 0.2)[..., 1:-1, 1:-1, 1:-1]
    return mask


def grid_of(volume: Tensor) -> Tensor:
    scale, y, x = torch.meshgrid(*(torch.arange(float(n)) for n in volume.shape[-3:]), indexing="ij")
    return torch.stack([scale, x, y]).to(volume)


def refined_by(coordinates: Tensor, volume: Tensor) -> Tensor:
    return (coordinates != grid_of(volume)).any(dim=-4)


@BOTH
def test_a_quadratic_is_found_exactly(refine: Callable[..., Any]) -> None:
    centre = torch.tensor([2.3, 3.6, 2.2], dtype=torch.float64)
    hessian = torch.tensor([[-2.0, 0.3, -0.4], [0.3, -1.5, 0.2], [-0.4, 0.2, -1.0]], dtype=torch.float64)
    offset = grid_of(torch.zeros(5, 6, 7, dtype=torch.float64)) - centre.view(3, 1, 1, 1)
    volume = 7 + torch.einsum("iabc,ij,jabc->abc", offset, hessian, offset) / 2
    coordinates, values = refine(volume[None, None])
    (place,) = nms3d(volume[None, None], (3, 3, 3), mask_only=True).nonzero()
    _, _, scale, y, x = place.tolist()
    torch.testing.assert_close(coordinates[0, 0, :, scale, y, x], centre)
    assert values[0, 0, scale, y, x].item() == pytest.approx(7, abs=1e-12)


@BOTH
def test_only_refined_maxima_differ_from_the_input(refine: Callable[..., Any]) -> None:
    volume = torch.randn(2, 2, 5, 12, 12)
    coordinates, values = refine(volume)
    refined = refined_by(coordinates, volume)
    maxima = nms3d(volume, (3, 3, 3), mask_only=True)
    assert refined.any()
    assert not (refined & ~maxima).any()
    assert torch.equal(values[~refined], volume[~refined])
    # The fit rises from a maximum that it is centred on, by no bonus but a part of the contrast.
    assert (values - volume).abs().max() < volume.max() - volume.min()


@BOTH
@pytest.mark.parametrize("contrast", [1e-20, 1e-12, 1e-4, 1e4, 1e12, 1e20])
def test_contrast_changes_nothing(refine: Callable[..., Any], contrast: float) -> None:
    volume = torch.randn(1, 2, 5, 12, 12)
    for enabled in (True, False):
        with foveal.use_kernels(enabled):
            torch.testing.assert_close(refine(volume * contrast)[0], refine(volume)[0], rtol=1e-4, atol=1e-4)


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_border_voxels_of_a_mask_are_not_refined(refine: Callable[..., Any], dtype: torch.dtype) -> None:
    volume = torch.randn(1, 1, 4, 6, 6, dtype=dtype)
    mask = torch.ones_like(volume, dtype=torch.bool)
    mask[..., 1:-1, 1:-1, 1:-1] = False
    coordinates, values = refine(volume, precomputed_nms_mask=mask)
    assert torch.equal(coordinates[0, 0], grid_of(volume))
    assert torch.equal(values, volume)


@BOTH
def test_minima_are_refined_by_their_mask(refine: Callable[..., Any]) -> None:
    volume = torch.randn(1, 2, 5, 12, 12)
    coordinates, values = refine(volume)
    minima = nms3d(volume, (3, 3, 3), mask_only=True)
    mirrored = refine(-volume, precomputed_nms_mask=minima)
    torch.testing.assert_close(mirrored[0], coordinates)
    torch.testing.assert_close(mirrored[1], -values)


@BOTH
def test_special_values_in_the_input_stay_where_they_are(refine: Callable[..., Any]) -> None:
    for value in (torch.nan, torch.inf, -torch.inf):
        volume = torch.randn(1, 1, 5, 9, 9)
        volume[0, 0, 2, 4, 4] = value
        everywhere = torch.ones_like(volume, dtype=torch.bool)
        for enabled in (True, False):
            leaf = volume.clone().requires_grad_()
            with foveal.use_kernels(enabled):
                coordinates, values = refine(leaf, precomputed_nms_mask=everywhere)
                (gradient,) = torch.autograd.grad(coordinates.sum() + values.sum(), leaf)
            assert coordinates.isfinite().all()
            assert (~values.isfinite()).sum() == 1
            assert gradient.isfinite().all()


@BOTH
def test_strict_maxima_bonus_is_deprecated(refine: Callable[..., Any]) -> None:
    volume = torch.randn(1, 1, 5, 9, 9)
    with pytest.warns(DeprecationWarning, match="strict_maxima_bonus is deprecated and has no effect") as caught:
        with_bonus = refine(volume, strict_maxima_bonus=10.0)
    assert caught[0].filename == __file__
    for found, expected in zip(with_bonus, refine(volume), strict=True):
        torch.testing.assert_close(found, expected)


def test_candidates_are_capped_per_volume_and_ties_go_to_the_first() -> None:
    volume = torch.zeros(2, 2, 3, 5, 16)
    volume[:, :, 1, 2, 2::3] = torch.tensor([1.0, 2.0, 1.0, 2.0, 2.0])
    volume[:, :, 1, 2, 3::3] = 0.25
    volume[:, 1] *= 1000
    for enabled in (True, False):
        with foveal.use_kernels(enabled):
            for count, expected in ((0, []), (1, [5]), (2, [5, 11]), (4, [2, 5, 11, 14]), (9, [2, 5, 8, 11, 14])):
                refined = refined_by(iterative_quad_interp3d(volume, max_candidates=count)[0], volume)
                for one in refined.flatten(0, 1):
                    assert one.nonzero().tolist() == [[1, 2, x] for x in expected]
