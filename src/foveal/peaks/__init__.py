# SPDX-License-Identifier: Apache-2.0
"""Peak finding in confidence maps: batched, differentiable, unbiased."""

from foveal.peaks.crops import crop_bboxes, crop_centered_boxes, make_centered_bboxes
from foveal.peaks.integral import integral_regression

__all__ = ["crop_bboxes", "crop_centered_boxes", "integral_regression", "make_centered_bboxes"]
