# SPDX-License-Identifier: Apache-2.0
"""Measures of how well a result agrees with the truth."""

from foveal.metrics.accuracy import accuracy
from foveal.metrics.average_meter import AverageMeter
from foveal.metrics.confusion_matrix import confusion_matrix
from foveal.metrics.disparity import (
    kitti_d1_error,
    mean_absolute_disparity_error,
    mean_bad_pixel_error,
    root_mean_squared_disparity_error,
)
from foveal.metrics.endpoint_error import AEPE, aepe, average_endpoint_error
from foveal.metrics.mean_average_precision import mean_average_precision
from foveal.metrics.mean_iou import mean_iou, mean_iou_bbox
from foveal.metrics.pose import angle_error_mat, angle_error_vec, auc_from_errors, pose_errors, translation_ate
from foveal.metrics.psnr import psnr
from foveal.metrics.ssim import SSIM, SSIM3D, ssim, ssim3d

__all__ = [
    "AEPE",
    "SSIM",
    "SSIM3D",
    "AverageMeter",
    "accuracy",
    "aepe",
    "angle_error_mat",
    "angle_error_vec",
    "auc_from_errors",
    "average_endpoint_error",
    "confusion_matrix",
    "kitti_d1_error",
    "mean_absolute_disparity_error",
    "mean_average_precision",
    "mean_bad_pixel_error",
    "mean_iou",
    "mean_iou_bbox",
    "pose_errors",
    "psnr",
    "root_mean_squared_disparity_error",
    "ssim",
    "ssim3d",
    "translation_ate",
]
