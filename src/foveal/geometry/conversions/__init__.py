# SPDX-License-Identifier: Apache-2.0
"""Conversions of points, homographies, rotations and camera poses."""

from foveal.geometry.conversions.angle import angle_to_rotation_matrix, deg2rad, rad2deg
from foveal.geometry.conversions.axis_angle import angle_axis_to_rotation_matrix, axis_angle_to_rotation_matrix
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
from foveal.geometry.conversions.pixel import (
    denormalize_pixel_coordinates,
    denormalize_pixel_coordinates3d,
    normalize_pixel_coordinates,
    normalize_pixel_coordinates3d,
)

__all__ = [
    "angle_axis_to_rotation_matrix",
    "angle_to_rotation_matrix",
    "axis_angle_to_rotation_matrix",
    "convert_affinematrix_to_homography",
    "convert_affinematrix_to_homography3d",
    "convert_points_from_homogeneous",
    "convert_points_to_homogeneous",
    "deg2rad",
    "denormalize_homography",
    "denormalize_homography3d",
    "denormalize_pixel_coordinates",
    "denormalize_pixel_coordinates3d",
    "normal_transform_pixel",
    "normal_transform_pixel3d",
    "normalize_homography",
    "normalize_homography3d",
    "normalize_pixel_coordinates",
    "normalize_pixel_coordinates3d",
    "rad2deg",
]
