# SPDX-License-Identifier: Apache-2.0
import copy
from collections.abc import Iterator
from typing import Any

import cv2
import kornia
import numpy as np
import pytest
import skimage.data
import torch
from torch import Tensor

from foveal.geometry.transform import Affine, affine, get_rotation_matrix2d, invert_affine_transform, warp_affine
from tests.contract import Contract, Make, Sample, call
from tests.geometry.transform.warped import Warped
from tests.samples import threads

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]
IDENTITY = torch.eye(2, 3)[None]
PADDINGS = ("zeros", "border", "reflection")


def matrices(make: Make) -> Tensor:
    return make.tensor([[[0.9, 0.2, 0.33], [-0.1, 1.2, 0.41]], [[-1.1, 0.3, 4.7], [0.2, 0.8, -0.6]]])


class TestWarpAffine(Warped):
    operation = staticmethod(warp_affine)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 5, 6)
        yield call(image, matrices(make), (4, 7))
        yield call(image, matrices(make)[:1], (4, 7), "bilinear", "border", False)
        yield call(image, matrices(make), (4, 7), "bilinear", "reflection", False)
        yield call(image, matrices(make), (4, 7), "nearest", "fill", fill_value=make.uniform(2))

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 70, 75)
        turn = make.tensor(
            [
                [[0.831237, 0.55371, -12.31357], [-0.573271, 0.813379, 25.21373]],
                [[0.0237, -1.3171, 70.7137], [1.11317, 0.0373, -3.43179]],
            ]
        )
        slight = make.tensor([[[1.02371, 0.05173, -2.31379], [-0.03137, 0.97139, 1.21739]]])
        for padding_mode in (*PADDINGS, "fill"):
            yield call(image, turn, (71, 66), "bilinear", padding_mode)
        yield call(image, slight, (70, 75), "bilinear", "fill", fill_value=make.uniform(3))
        yield call(image, 0.2 * slight, (40, 33))
        yield call(image[..., :20], turn, (33, 40), "bilinear", "reflection", False)

    def special(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 2, 4, 4)
        yield call(image, make.tensor(IDENTITY), (4, 4))
        yield call(image[..., :1, :1], make.tensor(IDENTITY), (2, 2), padding_mode="reflection")

    def invalid(self, make: Make) -> Bad:
        image, matrix = make.uniform(2, 3, 4, 4), make.tensor(IDENTITY)
        yield TypeError, "src must have a floating-point dtype", call(image.long(), matrix, (4, 4))
        yield ValueError, r"M must have shape \(1, 2, 3\), got \(1, 2, 2\)", call(image, matrix[..., :2], (4, 4))
        yield ValueError, "mode must be one of", call(image, matrix, (4, 4), "cubic")

    def oracle(self, src: Tensor, M: Tensor, *args: Any, **options: Any) -> Any:
        return peer.warp_affine(src, M.expand(len(src), 2, 3), *args, **options)

    @pytest.mark.parametrize("padding_mode", [*PADDINGS, "fill"])
    @pytest.mark.parametrize("mode", ["bilinear", "nearest"])
    @pytest.mark.parametrize("align_corners", [True, False])
    def test_identity_shifts_and_quarter_turns_are_exact(
        self, align_corners: bool, mode: str, padding_mode: str
    ) -> None:
        image = torch.randn(2, 3, 40, 50)
        options = (mode, padding_mode, align_corners)
        assert torch.equal(warp_affine(image, IDENTITY, (40, 50), *options), image)
        shift = torch.tensor([[[1.0, 0.0, -3.0], [0.0, 1.0, -2.0]]])
        assert torch.equal(warp_affine(image, shift, (36, 45), *options), image[..., 2:38, 3:48])
        turn = get_rotation_matrix2d(torch.tensor([[19.5, 19.5]]), torch.tensor([90.0]), torch.ones(1, 2))
        square = image[..., :40].contiguous()
        assert torch.equal(warp_affine(square, turn, (40, 40), *options), square.rot90(1, (-2, -1)))

    def test_points_land_where_pixels_land(self) -> None:
        image, matrix = torch.zeros(1, 1, 60, 70), torch.tensor([[[0.8, -0.6, 31.0], [0.6, 0.8, -7.0]]])
        image[0, 0, 30, 20] = 1
        landed = matrix[0] @ torch.tensor([20.0, 30.0, 1.0])
        warped = warp_affine(image, matrix, (60, 70))[0, 0]
        rows, columns = torch.meshgrid(torch.arange(60.0), torch.arange(70.0), indexing="ij")
        center = torch.stack([(warped * columns).sum(), (warped * rows).sum()]) / warped.sum()
        torch.testing.assert_close(center, landed, atol=0.2, rtol=0)

    def test_there_and_back(self) -> None:
        rows = torch.linspace(0, 3, 64)
        image = (rows.sin()[:, None] * rows.cos())[None, None]
        matrix = torch.tensor([[[0.9, 0.3, 3.0], [-0.2, 1.1, 2.0]]])
        there = warp_affine(image, matrix, (64, 64), padding_mode="border")
        back = warp_affine(there, invert_affine_transform(matrix), (64, 64))
        torch.testing.assert_close(back[..., 24:40, 24:40], image[..., 24:40, 24:40], atol=2e-3, rtol=0)

    @pytest.mark.parametrize(
        "rows",
        [
            [[1.0, 0.0, 3.0], [0.0, 1.0, -2.0]],
            [[1.0, 0.0, 0.5], [0.0, 1.0, -1.5]],
            [[0.0, 1.0, 4.0], [-1.0, 0.0, 100.0]],
            [[-1.0, 0.0, 129.25], [0.0, -1.0, 97.75]],
            [[2.0, 0.0, 1.0], [0.0, 2.0, -3.0]],
            [[0.875, 0.5, -8.0], [-0.5, 0.875, 25.0]],
        ],
    )
    def test_bytes_are_within_a_level_of_opencv(self, rows: list[list[float]]) -> None:
        # OpenCV reads positions off a grid of 1/32 pixel: the last map, which leaves that grid, is compared through
        # floats, the others are on it.
        photograph = np.ascontiguousarray(skimage.data.chelsea()[60:160, 170:300])
        image = torch.from_numpy(photograph).permute(2, 0, 1)[None].contiguous()
        matrix = torch.tensor([rows])
        found = warp_affine(image, matrix, (100, 130))
        assert found.dtype is torch.uint8
        if rows[0][0] == 0.875:
            expected = warp_affine(image.double(), matrix.double(), (100, 130))[0]
            assert (found[0] - expected).abs().max() <= 0.502
        else:
            warped = cv2.warpAffine(photograph, matrix[0].numpy(), (130, 100), flags=cv2.INTER_LINEAR)
            expected = torch.from_numpy(warped).permute(2, 0, 1)
            assert (found[0].int() - expected.int()).abs().max() <= 1
        assert (found.int() - warp_affine.reference(image, matrix, (100, 130)).int()).abs().max() <= 1

    @pytest.mark.parametrize("scale", [0.7, 1.0, 2.5])
    @pytest.mark.parametrize("degrees", [0.0, 20.0, 45.0, 90.0])
    def test_gradient_to_the_image_is_the_adjoint(self, degrees: float, scale: float) -> None:
        image, gradient = torch.randn(2, 4, 40, 50, requires_grad=True), torch.randn(2, 4, 33, 60)
        middle = torch.tensor([[24.3, 19.5]])
        matrix = get_rotation_matrix2d(middle, torch.tensor([degrees]), torch.full((1, 2), scale))
        warped = warp_affine(image, matrix, (33, 60))
        found = []
        for count in (1, 2, 5):
            with threads(count):
                found += torch.autograd.grad(warped, image, gradient, retain_graph=True)
        assert all(torch.equal(found[0], other) for other in found[1:])
        there, back = ((a.double() * b).sum() for a, b in ((warped, gradient), (found[0], image)))
        torch.testing.assert_close(there, back, rtol=0, atol=1e-6 * warped.numel())

    def test_an_infinite_gradient_reaches_no_further_than_its_pixels(self) -> None:
        image, gradient = torch.rand(1, 1, 40, 40, requires_grad=True), torch.zeros(1, 1, 40, 40)
        gradient[..., 20, 20] = torch.inf
        matrix = torch.tensor([[[0.9, -0.4, 3.3], [0.4, 0.95, -2.6]]])
        (found,) = torch.autograd.grad(warp_affine(image, matrix, (40, 40)), image, gradient)
        assert not found.isnan().any()
        assert found.isinf().sum() == 4

    def test_not_a_number_stays_where_it_is(self) -> None:
        image = torch.randn(1, 1, 40, 40)
        image[..., 20, 20], image[..., 3, 7] = torch.nan, torch.inf
        for mode in ("bilinear", "nearest"):
            warped = warp_affine(image, IDENTITY, (40, 40), mode)
            torch.testing.assert_close(warped, image, rtol=0, atol=0, equal_nan=True)


class TestAffine(Contract):
    operation = staticmethod(affine)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 5, 6), matrices(make))
        yield call(make.uniform(1, 5, 6), matrices(make)[:1], padding_mode="border")

    def invalid(self, make: Make) -> Bad:
        image = make.uniform(2, 3, 4, 4)
        yield ValueError, r"matrix must have shape \(2, 2, 3\)", call(image, make.uniform(3, 2, 3))
        yield TypeError, "tensor must be a torch.Tensor", call([1.0], make.uniform(1, 2, 3))

    def oracle(self, *args: Any, **options: Any) -> Any:
        return peer.affine(*args, **options)


def test_affine_module_agrees_with_kornia() -> None:
    make = Make(torch.float64)
    image, angle, center = make.uniform(2, 3, 6, 7), 90 * make.normal(2), make.uniform(2, 2)
    parts: Any = {
        "translation": make.normal(2, 2),
        "scale_factor": make.uniform(2, 2, low=0.5),
        "shear": make.uniform(2, 2),
    }
    torch.testing.assert_close(Affine(angle)(image), peer.Affine(angle)(image))
    layer = Affine(angle, **parts, center=center, padding_mode="border")
    expected = peer.Affine(angle, **parts, center=center, padding_mode="border")(image)
    torch.testing.assert_close(copy.deepcopy(layer)(image), expected)
    assert not layer.state_dict()
    assert "padding_mode='border'" in repr(layer)
    with pytest.raises(ValueError, match="one of angle, translation, scale_factor, shear must be given"):
        Affine()
