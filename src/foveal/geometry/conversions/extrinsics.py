# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: N802 - the names are Kornia's
"""Camera poses: as rotation and translation or as one matrix, from either side, in frames of vision and of graphics."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._small import multiply, widen
from foveal.geometry.conversions.homogeneous import append_row
from foveal.geometry.conversions.quaternion import check_is_rotation


@op
def Rt_to_matrix4x4(R: Float[Tensor, "batch 3 3"], t: Float[Tensor, "batch 3 1"]) -> Float[Tensor, "batch 4 4"]:
    """Join rotations and translations to matrices.

    Args:
        R: rotations, (B, 3, 3).
        t: translations, (B, 3, 1).

    Returns:
        Matrices that send x to R x + t, (B, 4, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> Rt_to_matrix4x4(torch.eye(3)[None], torch.ones(1, 3, 1))[0, 0]
    tensor([1., 0., 0., 1.])
    """
    _check_pose(R, t)
    return append_row(torch.cat([R, t], dim=-1))


@op
def matrix4x4_to_Rt(
    extrinsics: Float[Tensor, "batch 4 4"],
) -> tuple[Float[Tensor, "batch 3 3"], Float[Tensor, "batch 3 1"]]:
    """Split matrices into rotations and translations; the last row is not read.

    Args:
        extrinsics: matrices, (B, 4, 4).

    Returns:
        Rotations, (B, 3, 3), and translations, (B, 3, 1).

    Raises:
        TypeError: `extrinsics` is not a floating-point tensor.
        ValueError: `extrinsics` is not (B, 4, 4).

    >>> matrix4x4_to_Rt(torch.eye(4)[None])[1].flatten()
    tensor([0., 0., 0.])
    """
    check_floating(extrinsics, "extrinsics")
    check_shape(extrinsics, "extrinsics", "B", 4, 4)
    return extrinsics[:, :3, :3], extrinsics[:, :3, 3:]


@op
def camtoworld_graphics_to_vision_4x4(extrinsics_graphics: Float[Tensor, "batch 4 4"]) -> Float[Tensor, "batch 4 4"]:
    """Change the camera's axes from those of graphics (y up, z backwards) to those of vision (y down, z forwards).

    Args:
        extrinsics_graphics: camera-to-world poses, (B, 4, 4).

    Returns:
        Poses whose second and third column have the other sign, (B, 4, 4).

    Raises:
        TypeError: the poses are not a floating-point tensor.
        ValueError: the poses are not (B, 4, 4).

    >>> camtoworld_graphics_to_vision_4x4(torch.eye(4)[None])[0].diagonal()
    tensor([ 1., -1., -1.,  1.])
    """
    check_floating(extrinsics_graphics, "extrinsics_graphics")
    check_shape(extrinsics_graphics, "extrinsics_graphics", "B", 4, 4)
    return _flip(extrinsics_graphics)


@op
def camtoworld_vision_to_graphics_4x4(extrinsics_vision: Float[Tensor, "batch 4 4"]) -> Float[Tensor, "batch 4 4"]:
    """Change the camera's axes from those of vision to those of graphics: the same change the other way.

    Args:
        extrinsics_vision: camera-to-world poses, (B, 4, 4).

    Returns:
        Poses whose second and third column have the other sign, (B, 4, 4).

    Raises:
        TypeError: the poses are not a floating-point tensor.
        ValueError: the poses are not (B, 4, 4).

    >>> camtoworld_vision_to_graphics_4x4(torch.eye(4)[None])[0].diagonal()
    tensor([ 1., -1., -1.,  1.])
    """
    check_floating(extrinsics_vision, "extrinsics_vision")
    check_shape(extrinsics_vision, "extrinsics_vision", "B", 4, 4)
    return _flip(extrinsics_vision)


@op
def camtoworld_graphics_to_vision_Rt(
    R: Float[Tensor, "batch 3 3"], t: Float[Tensor, "batch 3 1"]
) -> tuple[Float[Tensor, "batch 3 3"], Float[Tensor, "batch 3 1"]]:
    """Change the camera's axes from those of graphics to those of vision.

    Args:
        R: rotations from camera to world, (B, 3, 3).
        t: centres of the cameras in the world, (B, 3, 1).

    Returns:
        Rotations whose second and third column have the other sign, and the same centres.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> camtoworld_graphics_to_vision_Rt(torch.eye(3)[None], torch.ones(1, 3, 1))[0][0].diagonal()
    tensor([ 1., -1., -1.])
    """
    _check_pose(R, t)
    return _flip(R), t.clone()


@op
def camtoworld_vision_to_graphics_Rt(
    R: Float[Tensor, "batch 3 3"], t: Float[Tensor, "batch 3 1"]
) -> tuple[Float[Tensor, "batch 3 3"], Float[Tensor, "batch 3 1"]]:
    """Change the camera's axes from those of vision to those of graphics: the same change the other way.

    Args:
        R: rotations from camera to world, (B, 3, 3).
        t: centres of the cameras in the world, (B, 3, 1).

    Returns:
        Rotations whose second and third column have the other sign, and the same centres.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> camtoworld_vision_to_graphics_Rt(torch.eye(3)[None], torch.ones(1, 3, 1))[0][0].diagonal()
    tensor([ 1., -1., -1.])
    """
    _check_pose(R, t)
    return _flip(R), t.clone()


@op
def camtoworld_to_worldtocam_Rt(
    R: Float[Tensor, "batch 3 3"], t: Float[Tensor, "batch 3 1"], check_rotation: bool = False
) -> tuple[Float[Tensor, "batch 3 3"], Float[Tensor, "batch 3 1"]]:
    """Turn poses around, from camera-to-world to world-to-camera.

    Args:
        R: rotations from camera to world, (B, 3, 3).
        t: centres of the cameras in the world, (B, 3, 1).
        check_rotation: raise for a matrix that is no rotation. This reads the values.

    Returns:
        R^T and -R^T t, the inverse of a rigid motion.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or a matrix is no rotation and that is checked.

    >>> camtoworld_to_worldtocam_Rt(torch.eye(3)[None], torch.ones(1, 3, 1))[1].flatten()
    tensor([-1., -1., -1.])
    """
    _check_pose(R, t)
    if check_rotation:
        check_is_rotation(R, "R")
    return _invert(R, t)


@op
def worldtocam_to_camtoworld_Rt(
    R: Float[Tensor, "batch 3 3"], t: Float[Tensor, "batch 3 1"], check_rotation: bool = False
) -> tuple[Float[Tensor, "batch 3 3"], Float[Tensor, "batch 3 1"]]:
    """Turn poses around, from world-to-camera to camera-to-world: the same inverse the other way.

    Args:
        R: rotations from world to camera, (B, 3, 3).
        t: translations, (B, 3, 1).
        check_rotation: raise for a matrix that is no rotation. This reads the values.

    Returns:
        R^T and -R^T t, the latter being the centres of the cameras in the world.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or a matrix is no rotation and that is checked.

    >>> worldtocam_to_camtoworld_Rt(torch.eye(3)[None], torch.ones(1, 3, 1))[1].flatten()
    tensor([-1., -1., -1.])
    """
    _check_pose(R, t)
    if check_rotation:
        check_is_rotation(R, "R")
    return _invert(R, t)


def _check_pose(R: Tensor, t: Tensor) -> None:
    check_floating(R, "R")
    check_floating(t, "t")
    check_shape(R, "R", "B", 3, 3)
    check_shape(t, "t", R.shape[0], 3, 1)


def _flip(pose: Tensor) -> Tensor:
    """Change the sign of the second and third column."""
    return torch.cat([pose[..., :1], -pose[..., 1:3], pose[..., 3:]], dim=-1)


def _invert(R: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    turned = widen(R).mT
    return turned.to(R.dtype), -multiply(turned, widen(t)).to(t.dtype)
