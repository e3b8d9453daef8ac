# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.geometry.transform import get_perspective_transform, warp_perspective
from tests.contract import Contract, Make, Sample, call
from tests.geometry.transform.warped import Warped
from tests.samples import threads

peer: Any = kornia.geometry.transform
SQUARE = [[0.0, 0.0], [5.0, 0.0], [5.0, 4.0], [0.0, 4.0]]


def quadrilaterals(make: Make, count: int) -> Tensor:
    """Return quadrilaterals near a square of 5 x 4 pixels."""
    return make.tensor(SQUARE) + make.uniform(count, 4, 2)


class TestGetPerspectiveTransform(Contract):
    operation = staticmethod(get_perspective_transform)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(quadrilaterals(make, 3), quadrilaterals(make, 3))
        yield call(quadrilaterals(make, 2), make.tensor([SQUARE, SQUARE]))
        yield call(make.uniform(0, 4, 2), make.uniform(0, 4, 2))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(quadrilaterals(make, 3000), 10 * quadrilaterals(make, 3000) + 5)

    def special(self, make: Make) -> Iterator[Sample]:
        square = make.tensor([SQUARE])
        yield call(square, square)
        yield call(square, make.tensor([[[1.0, 1.0]] * 4]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        square = make.tensor([SQUARE])
        yield TypeError, "points_src must have a floating-point dtype", call(square.long(), square)
        yield TypeError, "points_dst must be a torch.Tensor, got list", call(square, SQUARE)
        yield ValueError, r"points_src must have shape \(B, 4, 2\), got \(4, 2\)", call(square[0], square)
        yield (
            ValueError,
            r"points_dst must have shape \(1, 4, 2\), got \(2, 4, 2\)",
            call(square, square.repeat(2, 1, 1)),
        )

    def oracle(self, points_src: Tensor, points_dst: Tensor) -> Any:
        # OpenCV takes the corners as float32, so the oracle is exact for those only.
        pairs = zip(points_src.float().numpy(), points_dst.float().numpy(), strict=True)
        return np.array([cv2.getPerspectiveTransform(*pair) for pair in pairs]).reshape(-1, 3, 3)

    def test_shifts_and_scales_by_integers_are_exact(self) -> None:
        square = torch.tensor([SQUARE]) * 7 + 1001
        assert torch.equal(get_perspective_transform(square, square), torch.eye(3)[None])
        moved = get_perspective_transform(square, square - 901)
        assert torch.equal(moved, torch.tensor([[[1.0, 0.0, -901.0], [0.0, 1.0, -901.0], [0.0, 0.0, 1.0]]]))

    def test_points_without_a_unique_solution_are_not_a_number(self) -> None:
        square, line = torch.tensor([SQUARE]), torch.tensor([[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]])
        three = torch.tensor([[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.0, 3.0]]])
        for solve in (get_perspective_transform, get_perspective_transform.reference):
            for pair in ((line, square), (three, square), (three, three), (line, line), (square, line)):
                assert solve(*pair).isnan().all()
                assert peer.get_perspective_transform(*pair).isnan().all()
            # As in Kornia, three destination points on a line leave a map that no point comes back from.
            torch.testing.assert_close(solve(square, three), peer.get_perspective_transform(square, three))
            # An affine map has no perspective part to be found.
            point = torch.full((1, 4, 2), 3.0)
            assert torch.equal(solve(square, point), torch.tensor([[[0.0, 0, 3], [0, 0, 3], [0, 0, 1]]]))

    def test_corners_meet_far_from_the_origin(self) -> None:
        source = torch.tensor([[[1900.0, 1000.0], [1933.0, 1001.0], [1931.0, 1040.0], [1903.0, 1033.0]]])
        target = torch.tensor([[[0.0, 0.0], [32.0, 0.0], [32.0, 32.0], [0.0, 32.0]]])
        matrix = get_perspective_transform(source, target)
        points = torch.cat([source, torch.ones(1, 4, 1)], dim=-1).double() @ matrix.double().mT
        torch.testing.assert_close(points[..., :2] / points[..., 2:], target.double(), atol=2e-3, rtol=0)


class TestWarpPerspective(Warped):
    operation = staticmethod(warp_perspective)
    # `test_contract_vmap` adds to each matrix its columns moved on by one: its horizon then crosses the result, and
    # positions are divided by small differences, of 0.014. The samples themselves keep to the tolerance of `Warped`.
    tolerance = {**Warped.tolerance, torch.float32: 4e-4}

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 5, 6)
        matrix = make.tensor([[[0.9, 0.2, 0.33], [-0.1, 1.2, 0.41], [0.02, -0.03, 1.0]]])
        matrices = torch.cat([matrix, make.tensor([[[-1.1, 0.3, 4.7], [0.2, 0.8, -0.6], [0.01, 0.04, 1.1]]])])
        yield call(image, matrices, (4, 7))
        yield call(image, matrix, (4, 7), align_corners=False)
        for padding_mode in ("border", "reflection", "fill"):
            for align_corners in (True, False):
                yield call(image, matrices, (4, 7), "bilinear", padding_mode, align_corners)
        yield call(image, matrices, (4, 7), padding_mode="fill", fill_value=make.uniform(3))
        yield call(image, matrices, (4, 7), "nearest", padding_mode="fill", fill_value=make.uniform(2, 1, 1, 1))
        yield call(image, 3 * matrices, (1, 1))
        yield call(make.uniform(0, 3, 5, 6), matrices[:0], (4, 7))
        yield call(image, matrices, (0, 7))

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 4, 70, 75)
        matrix = make.tensor([[[0.9137, 0.2137, 0.3379], [-0.1173, 1.2137, 0.4171], [0.002137, -0.003379, 1.0]]])
        for padding_mode in ("zeros", "border", "fill"):
            yield call(image, matrix, (66, 78), "bilinear", padding_mode)
        # The horizon goes through the image.
        yield call(image, matrix * make.tensor([[[1.0], [1.0], [5.0]]]), (66, 78))

    def special(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 2, 4, 4)
        yield call(image, make.tensor(torch.eye(3)[None]), (4, 4))
        # The horizon goes through the pixel (2, 0).
        yield call(image, make.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.0, 1.0]]]), (4, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, matrix = make.uniform(2, 3, 4, 4), make.tensor(torch.eye(3)[None].repeat(2, 1, 1))
        yield TypeError, "src must have a floating-point dtype", call(image.long(), matrix, (4, 4))
        yield TypeError, "M must have a floating-point dtype", call(image, matrix.long(), (4, 4))
        yield ValueError, r"M must have shape \(2, 3, 3\), got \(2, 2, 3\)", call(image, matrix[:, :2], (4, 4))
        yield ValueError, "dsize must be 2 integers of at least 0", call(image, matrix, (-1, 4))
        yield ValueError, "mode must be one of", call(image, matrix, (4, 4), "cubic")
        yield (
            ValueError,
            "padding_mode must be one of .*'fill', got 'wrap'",
            call(image, matrix, (4, 4), "nearest", "wrap"),
        )
        wrong = {"padding_mode": "fill", "fill_value": make.uniform(4)}
        yield ValueError, r"fill_value must have one value, .*got \(4,\)", call(image, matrix, (4, 4), **wrong)

    def oracle(self, src: Tensor, M: Tensor, *args: Any, **options: Any) -> Any:
        return peer.warp_perspective(src, M.expand(len(src), 3, 3), *args, **options)

    @pytest.mark.parametrize("align_corners", [True, False])
    def test_identity_and_integer_shifts_are_exact(self, align_corners: bool) -> None:
        image = torch.randn(1, 2, 7, 9)
        assert torch.equal(warp_perspective(image, torch.eye(3)[None], (7, 9), align_corners=align_corners), image)
        shift = torch.tensor([[[1.0, 0.0, -3.0], [0.0, 1.0, -2.0], [0.0, 0.0, 1.0]]])
        shifted = warp_perspective(image, shift, (4, 5), align_corners=align_corners)
        assert torch.equal(shifted, image[..., 2:6, 3:8])
        large = torch.randn(1, 4, 37, 50)
        for scale in (1, 3):
            assert torch.equal(warp_perspective(large, scale * torch.eye(3)[None], (37, 50)), large)

    @pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection", "fill"])
    @pytest.mark.parametrize("mode", ["bilinear", "nearest"])
    @pytest.mark.parametrize("align_corners", [True, False])
    def test_every_option_keeps_what_is_exact(self, align_corners: bool, mode: str, padding_mode: str) -> None:
        image, options = torch.randn(1, 2, 20, 30), (mode, padding_mode, align_corners)
        shift = torch.tensor([[[2.0, 0.0, -6.0], [0.0, 2.0, -4.0], [0.0, 0.0, 2.0]]])
        for pixels in (image, image.byte()):
            assert torch.equal(warp_perspective(pixels, torch.eye(3)[None], (20, 30), *options), pixels)
            assert torch.equal(warp_perspective(pixels, shift, (17, 24), *options), pixels[..., 2:19, 3:27])

    def test_there_and_back(self) -> None:
        rows = torch.linspace(0, 3, 64)
        image = (rows.sin()[:, None] * rows.cos())[None, None]
        matrix = torch.tensor([[[0.9, 0.3, 3.0], [-0.2, 1.1, 2.0], [1e-3, -5e-4, 1.0]]])
        there = warp_perspective(image, matrix, (64, 64), padding_mode="border")
        back = warp_perspective(there, matrix.inverse(), (64, 64))
        torch.testing.assert_close(back[..., 24:40, 24:40], image[..., 24:40, 24:40], atol=2e-3, rtol=0)

    @pytest.mark.parametrize("tilt", [0.0, 1e-4, 2e-2])
    def test_gradient_to_the_image_is_the_adjoint(self, tilt: float) -> None:
        image, gradient = torch.randn(2, 4, 40, 50, requires_grad=True), torch.randn(2, 4, 33, 60)
        matrix = torch.tensor([[[0.9, -0.4, 3.3], [0.4, 0.95, -2.6], [tilt, -0.7 * tilt, 1.0]]])
        warped = warp_perspective(image, matrix, (33, 60))
        found = []
        for count in (1, 2, 5):
            with threads(count):
                found += torch.autograd.grad(warped, image, gradient, retain_graph=True)
        assert all(torch.equal(found[0], other) for other in found[1:])
        there, back = ((a.double() * b).sum() for a, b in ((warped, gradient), (found[0], image)))
        torch.testing.assert_close(there, back, rtol=0, atol=1e-6 * warped.numel())

    def test_agrees_with_opencv(self) -> None:
        image = torch.rand(1, 1, 30, 40)
        matrix = torch.tensor([[[1.1, 0.1, -4.0], [-0.2, 0.9, 3.0], [0.001, -0.002, 1.0]]])
        # OpenCV places samples on a grid of 1/32 pixel.
        expected = cv2.warpPerspective(image[0, 0].numpy(), matrix[0].numpy(), (35, 25), flags=cv2.INTER_LINEAR)
        found = warp_perspective(image, matrix, (25, 35))[0, 0]
        torch.testing.assert_close(found, torch.from_numpy(expected), atol=1 / 16, rtol=0)
