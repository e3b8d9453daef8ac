# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.metrics
import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

import foveal
from foveal.metrics import angle_error_mat, angle_error_vec, auc_from_errors, pose_errors, translation_ate
from tests.contract import Contract, Make, Sample, call

# Degrees: up to 180 times the relative error.
DEGREES = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 0.1}


def rotations(make: Make, count: int, seed: int = 0) -> Tensor:
    return make.tensor(Rotation.random(count, random_state=seed).as_matrix())


class TestAngleErrorMat(Contract):
    operation = staticmethod(angle_error_mat)
    tolerance = DEGREES

    def oracle(self, R1: Tensor, R2: Tensor) -> Tensor:
        if R1.numel() == 0:
            return NotImplemented
        pairs = zip(R1.reshape(-1, 3, 3).numpy(), R2.reshape(-1, 3, 3).numpy(), strict=True)
        angles = [np.degrees((Rotation.from_matrix(a).inv() * Rotation.from_matrix(b)).magnitude()) for a, b in pairs]
        return torch.tensor(angles).reshape(R1.shape[:-2])

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(rotations(make, 4), rotations(make, 4, 1))
        yield call(rotations(make, 1)[0], rotations(make, 1, 1)[0])
        yield call(make.normal(0, 3, 3), make.normal(0, 3, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        identity, turned = make.tensor(np.eye(3)), make.tensor(np.diag([1.0, -1.0, -1.0]))
        for pair in ((identity, identity), (identity, turned), (0 * identity, identity)):
            yield call(*pair)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(rotations(make, 200), rotations(make, 200, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        matrix = make.normal(2, 3, 3)
        yield TypeError, "R1 must be a torch.Tensor, got list", call([1.0], matrix)
        yield TypeError, "R2 must have a floating-point dtype", call(matrix, matrix.long())
        yield ValueError, r"R1 must have shape \(\*, 3, 3\)", call(make.normal(4, 4), matrix)
        yield ValueError, r"R2 must have shape \(2, 3, 3\)", call(matrix, matrix[:1])


class TestAngleErrorVec(Contract):
    operation = staticmethod(angle_error_vec)
    tolerance = DEGREES

    def oracle(self, v1: Tensor, v2: Tensor) -> Tensor:
        cosine = (v1 * v2).sum(-1) / (v1.norm(dim=-1) * v2.norm(dim=-1))
        return torch.rad2deg(torch.arccos(cosine))

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 5, 3), make.normal(2, 5, 3))
        yield call(make.normal(3), make.normal(3))
        yield call(make.normal(0, 3), make.normal(0, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        vector = make.tensor([0.6, 0.0, -0.8])
        for other in (vector, -vector, 200 * vector, vector / 100):
            yield call(vector, other)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(200, 3), make.normal(200, 3) * 1e-3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        vector = make.normal(2, 3)
        yield TypeError, "v1 must be a torch.Tensor, got list", call([1.0], vector)
        yield TypeError, "v2 must have a floating-point dtype", call(vector, vector.long())
        yield ValueError, r"v1 must have shape \(\*, 3\)", call(make.normal(4, 4), vector)
        yield ValueError, r"v2 must have shape \(2, 3\)", call(vector, vector[:1])


class TestPoseErrors(Contract):
    operation = staticmethod(pose_errors)
    tolerance = DEGREES
    oracle = staticmethod(kornia.metrics.pose_errors)

    def poses(self, make: Make, count: int, seed: int) -> Tensor:
        return torch.cat([rotations(make, count, seed), make.normal(count, 3, 1)], dim=-1)

    def samples(self, make: Make) -> Iterator[Sample]:
        found, right = self.poses(make, 4, 0), self.poses(make, 4, 1)
        yield call(found, right)
        yield call(found, right, fold_translation=False)
        last = make.tensor([[[0.0, 0.0, 0.0, 1.0]]])
        yield call(torch.cat([found[:1], last], dim=1), torch.cat([right[:1], last], dim=1))
        yield call(found[0], right[0])
        yield call(found[:0], right[:0])

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pose = make.normal(2, 3, 4)
        yield TypeError, "P must be a torch.Tensor, got list", call([1.0], pose)
        yield TypeError, "P_gt must have a floating-point dtype", call(pose, pose.long())
        yield ValueError, r"P must have shape \(3, 4\), \(4, 4\)", call(make.normal(3, 3), pose)
        yield ValueError, r"P_gt must have shape \(2, 3, 4\)", call(pose, pose[0])


class TestTranslationAte(Contract):
    operation = staticmethod(translation_ate)
    oracle = staticmethod(kornia.metrics.translation_ate)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 5, 3), make.normal(2, 5, 3))
        yield call(make.normal(3), make.normal(3))
        yield call(make.normal(0, 3), make.normal(0, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        place = make.normal(2, 3)
        yield call(place, place)
        yield call(make.tensor([3e4, 0.0, 0.0]), make.tensor([0.0, 300.0, 0.0]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        place = make.normal(2, 3)
        yield TypeError, "t must be a torch.Tensor, got list", call([1.0], place)
        yield TypeError, "t_gt must have a floating-point dtype", call(place, place.long())
        yield ValueError, r"t must have shape \(\*, 3\)", call(make.normal(4), place)
        yield ValueError, r"t_gt must have shape \(2, 3\)", call(place, place[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_small_angles_keep_their_digits(dtype: torch.dtype) -> None:
    angle = 1e-3
    turned = torch.from_numpy(Rotation.from_rotvec([0.0, np.radians(angle), 0.0]).as_matrix()).to(dtype)
    assert angle_error_mat(torch.eye(3, dtype=dtype), turned).item() == pytest.approx(angle, rel=1e-4)
    first, second = turned[:, 0], torch.tensor([1.0, 0.0, 0.0], dtype=dtype)
    assert angle_error_vec(first, second).item() == pytest.approx(angle, rel=1e-4)


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("factor", [1, 2, -1, -0.25])
def test_vectors_on_one_line_have_no_gradient(factor: float, kernels: bool) -> None:
    first = torch.randn(500, 3, requires_grad=True)
    second = (factor * first).detach().requires_grad_()
    with foveal.use_kernels(kernels):
        error = angle_error_vec(first, second)
        gradients = torch.autograd.grad(error.sum(), (first, second))
    assert error.eq(0 if factor > 0 else 180).all()
    assert not any(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("angle", [1e-5, 1e-2, 1.0, 90.0, 179.0, 179.99])
def test_angles_of_vectors_near_the_ends(angle: float, kernels: bool) -> None:
    radians = np.radians(angle)
    first = torch.tensor([1.0, 0.0, 0.0])
    second = torch.tensor([np.cos(radians), 0.0, np.sin(radians)], dtype=torch.float32, requires_grad=True)
    exact = np.degrees(np.arctan2(second[2].item(), second[0].item()))
    with foveal.use_kernels(kernels):
        error = angle_error_vec(first, second)
        (gradient,) = torch.autograd.grad(error, second)
    assert error.item() == pytest.approx(exact, rel=3e-7, abs=3e-11)
    turn = 180 / np.pi * torch.tensor([-np.sin(radians), 0.0, np.cos(radians)], dtype=torch.float32)
    torch.testing.assert_close(gradient, turn, rtol=1e-4, atol=1e-4)


def test_a_direction_of_no_length_is_nan_without_a_gradient() -> None:
    vector = torch.zeros(3, requires_grad=True)
    error = angle_error_vec(vector, torch.ones(3))
    assert error.isnan()
    assert torch.autograd.grad(error, vector)[0].eq(0).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_auc_is_kornias(dtype: torch.dtype) -> None:
    errors = (torch.rand(60, generator=torch.Generator().manual_seed(0)) * 12).to(dtype)
    errors[3], errors[4] = torch.inf, 5.0
    found, expected = auc_from_errors(errors), kornia.metrics.auc_from_errors(errors)
    assert found == pytest.approx(expected, rel=1e-5)
    assert list(found) == [1.0, 3.0, 5.0, 10.0]


def test_auc_of_a_triangle_and_of_special_errors() -> None:
    assert auc_from_errors(torch.tensor([2.0]), 4.0) == {4.0: 75.0}
    assert auc_from_errors(torch.tensor([4, 4]), 4) == {4.0: 0.0}
    assert auc_from_errors(torch.zeros(2, 3), [1]) == {1.0: 100.0}
    assert auc_from_errors(torch.tensor([-1.0, 0.0]), [1])[1.0] > 100  # not looked for
    assert auc_from_errors(torch.zeros(0), [1]) == {1.0: 0.0}
    assert auc_from_errors(torch.full((2,), torch.inf), [1]) == {1.0: 0.0}
    assert np.isnan(auc_from_errors(torch.tensor([0.0, torch.nan]), [1, 2])[2.0])
    with pytest.raises(ValueError, match="thresholds must be positive, got 0"):
        auc_from_errors(torch.zeros(2), [1, 0])
    with pytest.raises(ValueError, match="thresholds must not be empty"):
        auc_from_errors(torch.zeros(2), ())
    with pytest.raises(TypeError, match=r"errors must be a torch.Tensor, got list"):
        auc_from_errors([1.0], 1)
