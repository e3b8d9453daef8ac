# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: N802 - the names are Kornia's
"""Camera poses as quaternion and translation: ARKit's and Colmap's."""

from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.conversions.extrinsics import (
    camtoworld_graphics_to_vision_Rt,
    camtoworld_to_worldtocam_Rt,
    camtoworld_vision_to_graphics_Rt,
    worldtocam_to_camtoworld_Rt,
)
from foveal.geometry.conversions.quaternion import quaternion_to_rotation_matrix, rotation_matrix_to_quaternion


@op
def ARKitQTVecs_to_ColmapQTVecs(
    qvec: Float[Tensor, "batch 4"], tvec: Float[Tensor, "batch 3 1"]
) -> tuple[Float[Tensor, "batch 4"], Float[Tensor, "batch 3 1"]]:
    """Convert ARKit's camera-to-world poses to Colmap's world-to-camera poses.

    Args:
        qvec: quaternions (w, x, y, z), (B, 4), of axes x right, y up, z backwards. ARKit itself has them as
            (x, y, z, w).
        tvec: centres of the cameras in the world, (B, 3, 1).

    Returns:
        Quaternions (w, x, y, z) of axes x right, y down, z forwards, (B, 4), and translations, (B, 3, 1).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> import torch
    >>> ARKitQTVecs_to_ColmapQTVecs(torch.tensor([[0.0, 1.0, 0.0, 1.0]]), torch.ones(1, 3, 1))[0] + 0.0
    tensor([[0.7071, 0.0000, 0.7071, 0.0000]])
    """
    _check_pose(qvec, tvec)
    turned = camtoworld_graphics_to_vision_Rt(quaternion_to_rotation_matrix(qvec), tvec)
    R, t = camtoworld_to_worldtocam_Rt(*turned)
    return rotation_matrix_to_quaternion(R), t


@op
def ColmapQTVecs_to_ARKitQTVecs(
    qvec: Float[Tensor, "batch 4"], tvec: Float[Tensor, "batch 3 1"]
) -> tuple[Float[Tensor, "batch 4"], Float[Tensor, "batch 3 1"]]:
    """Convert Colmap's world-to-camera poses to ARKit's camera-to-world poses.

    Args:
        qvec: quaternions (w, x, y, z) of axes x right, y down, z forwards, (B, 4).
        tvec: translations, (B, 3, 1).

    Returns:
        Quaternions (w, x, y, z) of axes x right, y up, z backwards, (B, 4), and the centres of the cameras in the
        world, (B, 3, 1).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> import torch
    >>> ColmapQTVecs_to_ARKitQTVecs(torch.tensor([[1.0, 0.0, 1.0, 0.0]]), torch.ones(1, 3, 1))[0] + 0.0
    tensor([[0.0000, 0.7071, 0.0000, 0.7071]])
    """
    _check_pose(qvec, tvec)
    turned = worldtocam_to_camtoworld_Rt(quaternion_to_rotation_matrix(qvec), tvec)
    R, t = camtoworld_vision_to_graphics_Rt(*turned)
    return rotation_matrix_to_quaternion(R), t


def _check_pose(qvec: Tensor, tvec: Tensor) -> None:
    check_floating(qvec, "qvec")
    check_floating(tvec, "tvec")
    check_shape(qvec, "qvec", "B", 4)
    check_shape(tvec, "tvec", qvec.shape[0], 3, 1)
