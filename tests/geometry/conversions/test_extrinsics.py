# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.conversions as kornia
import pytest
import torch

from foveal.geometry.conversions import (
    Rt_to_matrix4x4,
    camtoworld_graphics_to_vision_4x4,
    camtoworld_graphics_to_vision_Rt,
    camtoworld_to_worldtocam_Rt,
    camtoworld_vision_to_graphics_4x4,
    camtoworld_vision_to_graphics_Rt,
    matrix4x4_to_Rt,
    quaternion_to_rotation_matrix,
    worldtocam_to_camtoworld_Rt,
)
from tests.contract import Contract, Make, Sample, call
from tests.geometry.conversions.case import Conversion


class Pose(Contract):
    """A case of an operation on rotations and translations."""

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(quaternion_to_rotation_matrix(make.normal(2, 4).double())), make.normal(2, 3, 1))
        yield call(make.normal(0, 3, 3), make.normal(0, 3, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "R must be a torch.Tensor, got list", call([1.0], make.normal(2, 3, 1))
        yield ValueError, r"R must have shape \(B, 3, 3\)", call(make.normal(3, 3), make.normal(2, 3, 1))
        yield ValueError, r"t must have shape \(2, 3, 1\)", call(make.normal(2, 3, 3), make.normal(1, 3, 1))


class TestRtToMatrix4x4(Pose):
    operation = staticmethod(Rt_to_matrix4x4)
    oracle = staticmethod(kornia.Rt_to_matrix4x4)


class TestCamtoworldGraphicsToVisionRt(Pose):
    operation = staticmethod(camtoworld_graphics_to_vision_Rt)
    oracle = staticmethod(kornia.camtoworld_graphics_to_vision_Rt)


class TestCamtoworldVisionToGraphicsRt(Pose):
    operation = staticmethod(camtoworld_vision_to_graphics_Rt)
    oracle = staticmethod(kornia.camtoworld_vision_to_graphics_Rt)


class TestCamtoworldToWorldtocamRt(Pose):
    operation = staticmethod(camtoworld_to_worldtocam_Rt)
    oracle = staticmethod(kornia.camtoworld_to_worldtocam_Rt)


class TestWorldtocamToCamtoworldRt(Pose):
    operation = staticmethod(worldtocam_to_camtoworld_Rt)
    oracle = staticmethod(kornia.worldtocam_to_camtoworld_Rt)


class TestMatrix4x4ToRt(Conversion):
    operation = staticmethod(matrix4x4_to_Rt)
    oracle = staticmethod(kornia.matrix4x4_to_Rt)
    wanted = "(B, 4, 4)"

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 4, 4))
        yield call(make.normal(0, 4, 4))


class TestCamtoworldGraphicsToVision4x4(TestMatrix4x4ToRt):
    operation = staticmethod(camtoworld_graphics_to_vision_4x4)
    oracle = staticmethod(kornia.camtoworld_graphics_to_vision_4x4)


class TestCamtoworldVisionToGraphics4x4(TestMatrix4x4ToRt):
    operation = staticmethod(camtoworld_vision_to_graphics_4x4)
    oracle = staticmethod(kornia.camtoworld_vision_to_graphics_4x4)


def test_check_rotation() -> None:
    R, t = quaternion_to_rotation_matrix(torch.randn(2, 4)), torch.randn(2, 3, 1)
    for function in (camtoworld_to_worldtocam_Rt, worldtocam_to_camtoworld_Rt):
        assert torch.equal(function(R, t, check_rotation=True)[1], function(R, t)[1])
        with pytest.raises(ValueError, match="R must be rotation matrices"):
            function(-R, t, check_rotation=True)


def test_turning_a_pose_around_inverts_its_matrix() -> None:
    R, t = quaternion_to_rotation_matrix(torch.randn(2, 4).double()), torch.randn(2, 3, 1).double()
    product = Rt_to_matrix4x4(*camtoworld_to_worldtocam_Rt(R, t)) @ Rt_to_matrix4x4(R, t)
    torch.testing.assert_close(product, torch.eye(4).double().expand(2, 4, 4), rtol=1e-12, atol=1e-12)
