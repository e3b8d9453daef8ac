# SPDX-License-Identifier: Apache-2.0
"""Utilities: grids, labels, linear systems, images as tensors, drawing."""

from foveal.geometry.grid import create_meshgrid, create_meshgrid3d
from foveal.geometry.pointcloud import load_pointcloud_ply, save_pointcloud_ply
from foveal.image.array import ImageToTensor, image_list_to_tensor, image_to_tensor, tensor_to_image
from foveal.image.draw import draw_convex_polygon, draw_line, draw_point2d, draw_rectangle
from foveal.image.terminal import image_to_string, print_image
from foveal.utils.forward import batched_forward
from foveal.utils.like import eye_like, vec_like
from foveal.utils.linear import safe_inverse_with_mask, safe_solve_with_mask
from foveal.utils.one_hot import one_hot

__all__ = [
    "ImageToTensor",
    "batched_forward",
    "create_meshgrid",
    "create_meshgrid3d",
    "draw_convex_polygon",
    "draw_line",
    "draw_point2d",
    "draw_rectangle",
    "eye_like",
    "image_list_to_tensor",
    "image_to_string",
    "image_to_tensor",
    "load_pointcloud_ply",
    "one_hot",
    "print_image",
    "safe_inverse_with_mask",
    "safe_solve_with_mask",
    "save_pointcloud_ply",
    "tensor_to_image",
    "vec_like",
]
