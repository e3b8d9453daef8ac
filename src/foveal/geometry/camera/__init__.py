# SPDX-License-Identifier: Apache-2.0
"""Cameras: projections, lens distortion, pinhole and stereo models.

One rule for points that no camera sees, in every function here and in `foveal.geometry.depth`: a point within 1e-8 of
the plane of the camera's centre (z = 0) is at infinity and not divided by z, so that value and gradient are finite; a
point behind that plane is divided like any other and lands where the line through the centre meets the image. Neither
is in the picture: look at z > 0. Warps by depth do, and give 0 there.
"""

from foveal.geometry.camera.distortion_affine import (
    distort_points_affine,
    dx_distort_points_affine,
    undistort_points_affine,
)
from foveal.geometry.camera.distortion_kannala_brandt import (
    distort_points_kannala_brandt,
    dx_distort_points_kannala_brandt,
    undistort_points_kannala_brandt,
)
from foveal.geometry.camera.perspective import project_points, unproject_points
from foveal.geometry.camera.pinhole import PinholeCamera, cam2pixel, pixel2cam
from foveal.geometry.camera.projection_orthographic import (
    dx_project_points_orthographic,
    project_points_orthographic,
    unproject_points_orthographic,
)
from foveal.geometry.camera.projection_z1 import dx_project_points_z1, project_points_z1, unproject_points_z1
from foveal.geometry.camera.stereo import StereoCamera

__all__ = [
    "PinholeCamera",
    "StereoCamera",
    "cam2pixel",
    "distort_points_affine",
    "distort_points_kannala_brandt",
    "dx_distort_points_affine",
    "dx_distort_points_kannala_brandt",
    "dx_project_points_orthographic",
    "dx_project_points_z1",
    "pixel2cam",
    "project_points",
    "project_points_orthographic",
    "project_points_z1",
    "undistort_points_affine",
    "undistort_points_kannala_brandt",
    "unproject_points",
    "unproject_points_orthographic",
    "unproject_points_z1",
]
