# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.transform import (
    affine3d,
    homography_warp3d,
    rotate3d,
    warp_affine3d,
    warp_grid3d,
    warp_perspective3d,
)
from tests.contract import TOLERANCE, Contract, Make, Sample, call
from tests.geometry.transform.warped import Warped
from tests.samples import threads

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]
MAP = [[0.913, 0.217, 0.131, 0.337], [-0.119, 1.213, 0.157, 0.413], [0.127, -0.207, 0.837, -0.271]]
HOMOGRAPHY = [*MAP, [0.02, -0.03, 0.01, 1.0]]


class TestWarpAffine3d(Warped):
    operation = staticmethod(warp_affine3d)
    # Errors are of the largest entry, as the sums for a matrix cancel; the bound is that of every case.
    tolerance = TOLERANCE

    def samples(self, make: Make) -> Iterator[Sample]:
        volume = make.uniform(2, 1, 3, 4, 5)
        yield call(volume, make.tensor([MAP]), (2, 5, 4))
        yield call(volume, make.tensor([MAP, MAP]), (2, 5, 4), "bilinear", "reflection")

    def large(self, make: Make) -> Iterator[Sample]:
        volume = make.uniform(2, 2, 17, 30, 35)
        for padding_mode in ("zeros", "border"):
            yield call(volume, make.tensor([MAP]), (18, 31, 33), "bilinear", padding_mode)
        yield call(volume, make.tensor([MAP]), (18, 31, 33), "nearest")

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(
            make.uniform(1, 1, 1, 1, 2), make.tensor([torch.eye(3, 4).tolist()]), (1, 1, 2), "bilinear", "reflection"
        )

    def invalid(self, make: Make) -> Bad:
        volume = make.uniform(2, 1, 3, 4, 5)
        yield ValueError, r"M must have shape \(1, 3, 4\)", call(volume, make.tensor([HOMOGRAPHY]), (1, 1, 1))
        yield ValueError, "dsize must be 3 integers", call(volume, make.tensor([MAP]), (1, 1))
        yield ValueError, "mode must be one of", call(volume, make.tensor([MAP]), (1, 1, 1), "cubic")

    def oracle(self, volume: Tensor, matrix: Tensor, size: Any, mode: str = "bilinear", padding: str = "zeros") -> Any:
        return peer.warp_affine3d(volume, matrix.expand(len(volume), 3, 4), size, mode, padding)

    def test_gradient_to_the_volume_is_the_adjoint(self) -> None:
        volume, gradient = torch.randn(2, 2, 9, 20, 25, requires_grad=True), torch.randn(2, 2, 10, 21, 23)
        warped = warp_affine3d(volume, torch.tensor([MAP]), (10, 21, 23))
        found = []
        for count in (1, 2, 5):
            with threads(count):
                found += torch.autograd.grad(warped, volume, gradient, retain_graph=True)
        assert all(torch.equal(found[0], other) for other in found[1:])
        there, back = ((a.double() * b).sum() for a, b in ((warped, gradient), (found[0], volume)))
        torch.testing.assert_close(there, back, rtol=0, atol=1e-6 * warped.numel())

    @pytest.mark.parametrize("align_corners", [True, False])
    @pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
    @pytest.mark.parametrize("mode", ["bilinear", "nearest"])
    def test_identity_and_shifts_are_exact(self, mode: str, padding_mode: str, align_corners: bool) -> None:
        volume, options = torch.randn(1, 2, 5, 6, 20), (mode, padding_mode, align_corners)
        identity, whole = torch.eye(4)[None], (5, 6, 20)
        for operation, matrix in (
            (warp_affine3d, identity[:, :3]),
            (warp_perspective3d, identity),
            (homography_warp3d, identity),
        ):
            assert torch.equal(operation(volume, matrix, whole, *options), volume)
        assert torch.equal(homography_warp3d(volume, identity, whole, *options, False), volume)
        shift = identity.clone()
        shift[0, :3, 3] = torch.tensor([-3.0, -2.0, -1.0])
        assert torch.equal(warp_perspective3d(volume, shift, (4, 4, 17), *options), volume[..., 1:, 2:, 3:])


class TestWarpPerspective3d(Warped):
    operation = staticmethod(warp_perspective3d)
    # Errors are of the largest entry, as the sums for a matrix cancel; the bound is that of every case.
    tolerance = TOLERANCE

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 3, 4, 5), make.tensor([HOMOGRAPHY]), (2, 5, 4), "bilinear", "border", True)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 17, 30, 35), make.tensor([HOMOGRAPHY]), (18, 31, 33))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"M must have shape", call(make.uniform(2, 1, 3, 4, 5), make.tensor([MAP]), (1, 1, 1))

    def oracle(self, volume: Tensor, matrix: Tensor, size: Any, *options: Any) -> Any:
        options = options[:2] or ("bilinear", "zeros")
        return peer.warp_perspective3d(volume, matrix.expand(len(volume), 4, 4), size, *options, True)


class TestWarpGrid3d(Contract):
    operation = staticmethod(warp_grid3d)
    oracle = staticmethod(peer.warp_grid3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(1, 2, 3, 4, 3), make.tensor([HOMOGRAPHY, HOMOGRAPHY]))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"grid must have shape", call(make.normal(3, 4, 3), make.tensor([HOMOGRAPHY]))


class TestHomographyWarp3d(Contract):
    operation = staticmethod(homography_warp3d)
    oracle = staticmethod(peer.homography_warp3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        volume, matrix = make.uniform(1, 1, 3, 4, 5), make.tensor([HOMOGRAPHY])
        yield call(volume, matrix, (2, 5, 4), align_corners=True)
        yield call(volume, matrix, (2, 5, 4), normalized_coordinates=False)

    def invalid(self, make: Make) -> Bad:
        yield (
            ValueError,
            "src_homo_dst must have shape",
            call(make.uniform(1, 1, 3, 4, 5), make.normal(1, 3, 3), (1, 1, 1)),
        )


class TestAffine3d(Contract):
    operation = staticmethod(affine3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 3, 4, 5), make.tensor([MAP]), padding_mode="border")

    def invalid(self, make: Make) -> Bad:
        yield ValueError, "matrix must have shape", call(make.uniform(1, 1, 3, 4, 5), make.normal(1, 3, 3))

    def oracle(self, *args: Any, **options: Any) -> Any:
        # Kornia's other alignment is not one of voxels.
        return peer.affine3d(*args, **options, align_corners=True)


class TestRotate3d(Contract):
    operation = staticmethod(rotate3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 3, 4, 5), *(60 * make.normal(3, 2)).unbind(), make.uniform(2, 3, high=3))
        yield call(make.uniform(1, 3, 4, 5), *(60 * make.normal(3, 1)).unbind(), padding_mode="border")

    def special(self, make: Make) -> Iterator[Sample]:
        zero = make.tensor([0.0])
        yield call(make.uniform(1, 1, 2, 2, 2), zero, zero, zero)

    def invalid(self, make: Make) -> Bad:
        one = make.normal(1)
        yield ValueError, r"pitch must have shape \(1\)", call(make.uniform(1, 1, 3, 4, 5), one, make.normal(2), one)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return peer.rotate3d(*args, **options, align_corners=True)
