# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia
import torch

from foveal.geometry.transform import (
    get_affine_matrix2d,
    get_rotation_matrix2d,
    get_shear_matrix2d,
    get_translation_matrix2d,
    invert_affine_transform,
)
from tests.contract import Contract, Make, Sample, call

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]


class TestGetRotationMatrix2d(Contract):
    operation = staticmethod(get_rotation_matrix2d)
    oracle = staticmethod(peer.get_rotation_matrix2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 2), 100 * make.normal(3), make.uniform(3, 2, low=0.5))
        yield call(make.uniform(0, 2), make.normal(0), make.uniform(0, 2))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(4, 2), make.tensor([0, 45, 180, -90]), make.uniform(4, 2))

    def invalid(self, make: Make) -> Bad:
        yield TypeError, "angle must be a torch.Tensor, got float", call(make.uniform(1, 2), 3.0, make.uniform(1, 2))
        yield ValueError, r"scale must have shape \(1, 2\)", call(make.uniform(1, 2), make.uniform(1), make.uniform(1))

    def test_agrees_with_opencv_and_is_exact_at_quarter_turns(self) -> None:
        center, angles = torch.tensor([[3.0, 4.5]] * 5), torch.tensor([30.0, 90, 180, -90, 450])
        found = get_rotation_matrix2d(center, angles, torch.ones(5, 2))
        for matrix, angle in zip(found, angles, strict=True):
            expected = torch.from_numpy(cv2.getRotationMatrix2D((3.0, 4.5), float(angle), 1.0)).float()
            torch.testing.assert_close(matrix, expected, atol=1e-5, rtol=0)
        assert torch.equal(found[1:, :, :2], found[1:, :, :2].round())


class TestGetShearMatrix2d(Contract):
    operation = staticmethod(get_shear_matrix2d)
    oracle = staticmethod(peer.get_shear_matrix2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2), make.uniform(2), make.uniform(2))
        yield call(make.uniform(2, 2), sy=make.uniform(2))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"center must have shape \(B, 2\)", call(make.uniform(3))
        yield ValueError, r"sx must have shape \(2\)", call(make.uniform(2, 2), make.uniform(3))


class TestGetTranslationMatrix2d(Contract):
    operation = staticmethod(get_translation_matrix2d)
    oracle = staticmethod(peer.get_translation_matrix2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(3, 2))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"translations must have shape \(B, 2\)", call(make.uniform(3))


class TestGetAffineMatrix2d(Contract):
    operation = staticmethod(get_affine_matrix2d)
    oracle = staticmethod(peer.get_affine_matrix2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        parts = make.normal(2, 2), make.uniform(2, 2), make.uniform(2, 2, low=0.5), 100 * make.normal(2)
        yield call(*parts, make.uniform(2), make.uniform(2))
        yield call(*parts)

    def special(self, make: Make) -> Iterator[Sample]:
        zero = make.tensor([[0.0, 0.0]])
        yield call(zero, zero, zero + 1, zero[0, :1])

    def invalid(self, make: Make) -> Bad:
        two = make.uniform(2, 2)
        yield ValueError, r"angle must have shape \(2\)", call(two, two, two, make.uniform(3))
        yield ValueError, r"center must have shape \(2, 2\)", call(two, two[:1], two, make.uniform(2))


class TestInvertAffineTransform(Contract):
    operation = staticmethod(invert_affine_transform)
    oracle = staticmethod(peer.invert_affine_transform)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 2, 3) * 0.3 + make.tensor([[1.0, 0, 0], [0, 1, 0]]))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"matrix must have shape \(B, 2, 3\)", call(make.uniform(1, 3, 3))

    def test_whole_numbers_are_exact(self) -> None:
        shift = torch.tensor([[[0.0, 1.0, 5.0], [-1.0, 0.0, 1001.0]]])
        expected = torch.tensor([[[0.0, -1.0, 1001.0], [1.0, 0.0, -5.0]]])
        assert torch.equal(invert_affine_transform(shift), expected)
