# SPDX-License-Identifier: Apache-2.0
"""Quaternions (w, x, y, z) as objects, with the conversions they are made by."""

from foveal.geometry.conversions import (
    axis_angle_to_quaternion,
    euler_from_quaternion,
    normalize_quaternion,
    quaternion_from_euler,
    quaternion_to_axis_angle,
    quaternion_to_rotation_matrix,
    rotation_matrix_to_quaternion,
)
from foveal.geometry.linalg import batched_dot_product
from foveal.geometry.quaternion.average import average_quaternions
from foveal.geometry.quaternion.check_type import KORNIA_CHECK_TYPE
from foveal.geometry.quaternion.quaternion import Quaternion

__all__ = [
    "KORNIA_CHECK_TYPE",
    "Quaternion",
    "average_quaternions",
    "axis_angle_to_quaternion",
    "batched_dot_product",
    "euler_from_quaternion",
    "normalize_quaternion",
    "quaternion_from_euler",
    "quaternion_to_axis_angle",
    "quaternion_to_rotation_matrix",
    "rotation_matrix_to_quaternion",
]
