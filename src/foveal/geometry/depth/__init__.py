# SPDX-License-Identifier: Apache-2.0
"""Depth maps: points, normals, planes, disparity, and warps from view to view.

What `foveal.geometry.camera` says of points at or behind the plane of a camera holds here; warps give 0 there.
"""

from foveal.geometry.depth.disparity import depth_from_disparity
from foveal.geometry.depth.normals import depth_to_normals
from foveal.geometry.depth.plane import depth_from_plane_equation
from foveal.geometry.depth.points import depth_to_3d, depth_to_3d_v2, unproject_meshgrid
from foveal.geometry.depth.warp import DepthWarper, depth_warp, warp_frame_depth

__all__ = [
    "DepthWarper",
    "depth_from_disparity",
    "depth_from_plane_equation",
    "depth_to_3d",
    "depth_to_3d_v2",
    "depth_to_normals",
    "depth_warp",
    "unproject_meshgrid",
    "warp_frame_depth",
]
