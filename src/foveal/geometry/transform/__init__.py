# SPDX-License-Identifier: Apache-2.0
"""Geometric transforms: crops and warps."""

from foveal.geometry.transform.crop import center_crop, crop_and_resize, crop_by_boxes, crop_by_transform_mat
from foveal.geometry.transform.crop_by_indices import crop_by_indices
from foveal.geometry.transform.crop_resample import crop_resample
from foveal.geometry.transform.perspective import get_perspective_transform, warp_perspective

__all__ = [
    "center_crop",
    "crop_and_resize",
    "crop_by_boxes",
    "crop_by_indices",
    "crop_by_transform_mat",
    "crop_resample",
    "get_perspective_transform",
    "warp_perspective",
]
