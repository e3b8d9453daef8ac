# SPDX-License-Identifier: Apache-2.0
"""Bounding boxes as tensors: vertices, shapes, masks, suppression, transformation."""

from foveal.geometry.bbox.generator import bbox_generator, bbox_generator3d
from foveal.geometry.bbox.mask import bbox_to_mask, bbox_to_mask3d
from foveal.geometry.bbox.nms import nms
from foveal.geometry.bbox.shape import infer_bbox_shape, infer_bbox_shape3d, validate_bbox, validate_bbox3d
from foveal.geometry.bbox.transform import transform_bbox

__all__ = [
    "bbox_generator",
    "bbox_generator3d",
    "bbox_to_mask",
    "bbox_to_mask3d",
    "infer_bbox_shape",
    "infer_bbox_shape3d",
    "nms",
    "transform_bbox",
    "validate_bbox",
    "validate_bbox3d",
]
