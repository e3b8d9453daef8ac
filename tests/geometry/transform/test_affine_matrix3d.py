# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch
from torch import Tensor

from foveal.geometry.transform import (
    get_affine_matrix3d,
    get_perspective_transform3d,
    get_projective_transform,
    get_shear_matrix3d,
    projection_from_Rt,
)
from tests.contract import TOLERANCE, Contract, Make, Sample, call

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]
SHEARS = ("sxy", "sxz", "syx", "syz", "szx", "szy")
BOX = [[0, 0, 0], [5, 0, 0], [5, 4, 0], [0, 4, 0], [0, 0, 3], [5, 0, 3], [5, 4, 3], [0, 4, 3]]


class TestProjectionFromRt(Contract):
    operation = staticmethod(projection_from_Rt)
    oracle = staticmethod(peer.projection_from_Rt)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 3), make.normal(2, 3, 1))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"tvec must have shape \(2, 3, 1\)", call(make.normal(2, 3, 3), make.normal(2, 3))


class TestGetProjectiveTransform(Contract):
    operation = staticmethod(get_projective_transform)
    oracle = staticmethod(peer.get_projective_transform)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 3), 60 * make.normal(3, 3), make.uniform(3, 3, low=0.5))
        yield call(make.uniform(0, 3), make.normal(0, 3), make.uniform(0, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        angles = make.tensor([[0, 0, 0], [180, 0, 0], [0, 0, 1e-3], [0, 0.06, 0]])
        yield call(make.uniform(4, 3), angles, make.uniform(4, 3))

    def invalid(self, make: Make) -> Bad:
        three = make.uniform(2, 3)
        yield ValueError, r"angles must have shape \(2, 3\)", call(three, three[:1], three)
        yield TypeError, "center must be a torch.Tensor", call([0, 0, 0], three, three)


class TestGetShearMatrix3d(Contract):
    operation = staticmethod(get_shear_matrix3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3), **{name: make.uniform(2) for name in SHEARS})
        yield call(make.uniform(2, 3), syz=make.uniform(2))

    def oracle(self, center: Tensor, **shears: Tensor) -> Any:
        # Kornia's centre moves under several shears at once: its map about the origin, moved by hand.
        linear = peer.get_shear_matrix3d(torch.zeros_like(center), **shears)
        linear[:, :3, 3] = center - (linear[:, :3, :3] @ center.unsqueeze(-1)).squeeze(-1)
        return linear

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"sxz must have shape \(2\)", call(make.uniform(2, 3), sxz=make.uniform(1))

    def test_the_center_stays(self) -> None:
        center, shears = torch.tensor([[1.0, 2.0, 3.0]]), {name: torch.full((1,), 0.3) for name in SHEARS}
        moved = get_shear_matrix3d(center, **shears) @ torch.tensor([1.0, 2.0, 3.0, 1.0])
        torch.testing.assert_close(moved[0, :3], center[0])


class TestGetAffineMatrix3d(Contract):
    operation = staticmethod(get_affine_matrix3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        parts = make.normal(2, 3), make.uniform(2, 3), make.uniform(2, 3, low=0.5), 60 * make.normal(2, 3)
        yield call(*parts, **{name: make.uniform(2, high=0.5) for name in SHEARS})
        yield call(*parts, sxy=make.uniform(2))
        yield call(*parts)

    def oracle(self, *parts: Tensor, **shears: Tensor) -> Any:
        return NotImplemented if len(shears) > 1 else peer.get_affine_matrix3d(*parts, **shears)

    def invalid(self, make: Make) -> Bad:
        three = make.uniform(2, 3)
        yield ValueError, r"scale must have shape \(2, 3\)", call(three, three, three[:, 0], three)


class TestGetPerspectiveTransform3d(Contract):
    operation = staticmethod(get_perspective_transform3d)
    oracle = staticmethod(peer.get_perspective_transform3d)
    # The solution of fifteen equations in float32, whose entries and terms reach 25.
    tolerance = {**TOLERANCE, torch.float32: 2e-4, torch.float16: 2e-2}
    # Corners in half precision are rounded, and the homography is that of other boxes only to the solver.
    half = False

    def samples(self, make: Make) -> Iterator[Sample]:
        box = make.tensor([BOX])
        yield call(box + make.uniform(2, 8, 3), box + make.uniform(2, 8, 3))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"src must have shape \(B, 8, 3\)", call(make.uniform(8, 3), make.uniform(1, 8, 3))
