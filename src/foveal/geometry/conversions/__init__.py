# SPDX-License-Identifier: Apache-2.0
"""Conversions of points, homographies, rotations and camera poses."""

from foveal.geometry.conversions.angle import angle_to_rotation_matrix, deg2rad, rad2deg
from foveal.geometry.conversions.axis_angle import (
    angle_axis_to_quaternion,
    angle_axis_to_rotation_matrix,
    axis_angle_to_quaternion,
    axis_angle_to_rotation_matrix,
    vector_to_skew_symmetric_matrix,
)
from foveal.geometry.conversions.colmap import (
    ARKitQTVecs_to_ColmapQTVecs,
    ColmapQTVecs_to_ARKitQTVecs,
)
from foveal.geometry.conversions.euler import (
    euler_from_quaternion,
    quaternion_from_euler,
)
from foveal.geometry.conversions.extrinsics import (
    Rt_to_matrix4x4,
    camtoworld_graphics_to_vision_4x4,
    camtoworld_graphics_to_vision_Rt,
    camtoworld_to_worldtocam_Rt,
    camtoworld_vision_to_graphics_4x4,
    camtoworld_vision_to_graphics_Rt,
    matrix4x4_to_Rt,
    worldtocam_to_camtoworld_Rt,
)
from foveal.geometry.conversions.homogeneous import (
    convert_affinematrix_to_homography,
    convert_affinematrix_to_homography3d,
    convert_points_from_homogeneous,
    convert_points_to_homogeneous,
)
from foveal.geometry.conversions.homography import (
    denormalize_homography,
    denormalize_homography3d,
    normal_transform_pixel,
    normal_transform_pixel3d,
    normalize_homography,
    normalize_homography3d,
)
from foveal.geometry.conversions.intrinsics import (
    denormalize_points_with_intrinsics,
    normalize_points_with_intrinsics,
)
from foveal.geometry.conversions.pixel import (
    denormalize_pixel_coordinates,
    denormalize_pixel_coordinates3d,
    normalize_pixel_coordinates,
    normalize_pixel_coordinates3d,
)
from foveal.geometry.conversions.polar import (
    cart2pol,
    pol2cart,
)
from foveal.geometry.conversions.quaternion import (
    normalize_quaternion,
    quaternion_exp_to_log,
    quaternion_log_to_exp,
    quaternion_to_angle_axis,
    quaternion_to_axis_angle,
    quaternion_to_rotation_matrix,
    rotation_matrix_to_angle_axis,
    rotation_matrix_to_axis_angle,
    rotation_matrix_to_quaternion,
)

__all__ = [
    "ARKitQTVecs_to_ColmapQTVecs",
    "ColmapQTVecs_to_ARKitQTVecs",
    "Rt_to_matrix4x4",
    "angle_axis_to_quaternion",
    "angle_axis_to_rotation_matrix",
    "angle_to_rotation_matrix",
    "axis_angle_to_quaternion",
    "axis_angle_to_rotation_matrix",
    "camtoworld_graphics_to_vision_4x4",
    "camtoworld_graphics_to_vision_Rt",
    "camtoworld_to_worldtocam_Rt",
    "camtoworld_vision_to_graphics_4x4",
    "camtoworld_vision_to_graphics_Rt",
    "cart2pol",
    "convert_affinematrix_to_homography",
    "convert_affinematrix_to_homography3d",
    "convert_points_from_homogeneous",
    "convert_points_to_homogeneous",
    "deg2rad",
    "denormalize_homography",
    "denormalize_homography3d",
    "denormalize_pixel_coordinates",
    "denormalize_pixel_coordinates3d",
    "denormalize_points_with_intrinsics",
    "euler_from_quaternion",
    "matrix4x4_to_Rt",
    "normal_transform_pixel",
    "normal_transform_pixel3d",
    "normalize_homography",
    "normalize_homography3d",
    "normalize_pixel_coordinates",
    "normalize_pixel_coordinates3d",
    "normalize_points_with_intrinsics",
    "normalize_quaternion",
    "pol2cart",
    "quaternion_exp_to_log",
    "quaternion_from_euler",
    "quaternion_log_to_exp",
    "quaternion_to_angle_axis",
    "quaternion_to_axis_angle",
    "quaternion_to_rotation_matrix",
    "rad2deg",
    "rotation_matrix_to_angle_axis",
    "rotation_matrix_to_axis_angle",
    "rotation_matrix_to_quaternion",
    "vector_to_skew_symmetric_matrix",
    "worldtocam_to_camtoworld_Rt",
]
