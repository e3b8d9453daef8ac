# SPDX-License-Identifier: Apache-2.0
"""Geometric transforms: crops and warps."""

from foveal.geometry.transform.crop import (
    CenterCrop2D,
    center_crop,
    crop_and_resize,
    crop_by_boxes,
    crop_by_transform_mat,
)
from foveal.geometry.transform.crop_by_indices import crop_by_indices
from foveal.geometry.transform.crop_resample import crop_resample
from foveal.geometry.transform.flips import Hflip, Rot180, Vflip, hflip, rot180, vflip
from foveal.geometry.transform.image_registrator import BaseModel, Homography, ImageRegistrator, Similarity
from foveal.geometry.transform.perspective import get_perspective_transform, warp_perspective
from foveal.geometry.transform.pyramid import (
    PyrDown,
    PyrUp,
    build_laplacian_pyramid,
    build_pyramid,
    pyrdown,
    pyrup,
)
from foveal.geometry.transform.resize import (
    Rescale,
    Resize,
    rescale,
    resize,
    resize_to_be_divisible,
)
from foveal.geometry.transform.scale_pyramid import ScalePyramid

__all__ = [
    "BaseModel",
    "CenterCrop2D",
    "Hflip",
    "Homography",
    "ImageRegistrator",
    "PyrDown",
    "PyrUp",
    "Rescale",
    "Resize",
    "Rot180",
    "ScalePyramid",
    "Similarity",
    "Vflip",
    "build_laplacian_pyramid",
    "build_pyramid",
    "center_crop",
    "crop_and_resize",
    "crop_by_boxes",
    "crop_by_indices",
    "crop_by_transform_mat",
    "crop_resample",
    "get_perspective_transform",
    "hflip",
    "pyrdown",
    "pyrup",
    "rescale",
    "resize",
    "resize_to_be_divisible",
    "rot180",
    "vflip",
    "warp_perspective",
]
