# SPDX-License-Identifier: Apache-2.0
"""Geometric transforms: crops and warps."""

from foveal.geometry.transform.affine import Affine, affine, warp_affine
from foveal.geometry.transform.affine_matrix import (
    get_affine_matrix2d,
    get_rotation_matrix2d,
    get_shear_matrix2d,
    get_translation_matrix2d,
    invert_affine_transform,
)
from foveal.geometry.transform.affine_matrix3d import (
    get_affine_matrix3d,
    get_perspective_transform3d,
    get_projective_transform,
    get_shear_matrix3d,
    projection_from_Rt,
)
from foveal.geometry.transform.affine_parts import Rotate, Scale, Shear, Translate, rotate, scale, shear, translate
from foveal.geometry.transform.crop import (
    CenterCrop2D,
    center_crop,
    crop_and_resize,
    crop_by_boxes,
    crop_by_transform_mat,
)
from foveal.geometry.transform.crop3d import center_crop3d, crop_and_resize3d, crop_by_boxes3d, crop_by_transform_mat3d
from foveal.geometry.transform.crop_by_indices import crop_by_indices
from foveal.geometry.transform.crop_resample import crop_resample
from foveal.geometry.transform.elastic import elastic_transform2d
from foveal.geometry.transform.flips import Hflip, Rot180, Vflip, hflip, rot180, vflip
from foveal.geometry.transform.homography import BaseWarper, HomographyWarper, homography_warp, warp_grid
from foveal.geometry.transform.image_registrator import BaseModel, Homography, ImageRegistrator, Similarity
from foveal.geometry.transform.perspective import get_perspective_transform, warp_perspective
from foveal.geometry.transform.pyramid import PyrDown, PyrUp, build_laplacian_pyramid, build_pyramid, pyrdown, pyrup
from foveal.geometry.transform.remap import remap
from foveal.geometry.transform.resize import Rescale, Resize, rescale, resize, resize_to_be_divisible
from foveal.geometry.transform.scale_pyramid import ScalePyramid
from foveal.geometry.transform.thin_plate import get_tps_transform, warp_image_tps, warp_points_tps
from foveal.geometry.transform.warp3d import (
    affine3d,
    homography_warp3d,
    rotate3d,
    warp_affine3d,
    warp_grid3d,
    warp_perspective3d,
)

__all__ = [
    "Affine",
    "BaseModel",
    "BaseWarper",
    "CenterCrop2D",
    "Hflip",
    "Homography",
    "HomographyWarper",
    "ImageRegistrator",
    "PyrDown",
    "PyrUp",
    "Rescale",
    "Resize",
    "Rot180",
    "Rotate",
    "Scale",
    "ScalePyramid",
    "Shear",
    "Similarity",
    "Translate",
    "Vflip",
    "affine",
    "affine3d",
    "build_laplacian_pyramid",
    "build_pyramid",
    "center_crop",
    "center_crop3d",
    "crop_and_resize",
    "crop_and_resize3d",
    "crop_by_boxes",
    "crop_by_boxes3d",
    "crop_by_indices",
    "crop_by_transform_mat",
    "crop_by_transform_mat3d",
    "crop_resample",
    "elastic_transform2d",
    "get_affine_matrix2d",
    "get_affine_matrix3d",
    "get_perspective_transform",
    "get_perspective_transform3d",
    "get_projective_transform",
    "get_rotation_matrix2d",
    "get_shear_matrix2d",
    "get_shear_matrix3d",
    "get_tps_transform",
    "get_translation_matrix2d",
    "hflip",
    "homography_warp",
    "homography_warp3d",
    "invert_affine_transform",
    "projection_from_Rt",
    "pyrdown",
    "pyrup",
    "remap",
    "rescale",
    "resize",
    "resize_to_be_divisible",
    "rot180",
    "rotate",
    "rotate3d",
    "scale",
    "shear",
    "translate",
    "vflip",
    "warp_affine",
    "warp_affine3d",
    "warp_grid",
    "warp_grid3d",
    "warp_image_tps",
    "warp_perspective",
    "warp_perspective3d",
    "warp_points_tps",
]
