# SPDX-License-Identifier: Apache-2.0
"""Peak finding in confidence maps: batched, differentiable, unbiased."""

from foveal.peaks.confidence_maps import render_confidence_maps
from foveal.peaks.crops import crop_bboxes, crop_centered_boxes, make_centered_bboxes
from foveal.peaks.flip import average_flipped_maps, flip_maps
from foveal.peaks.global_peaks import (
    find_global_peaks,
    find_global_peaks_integral,
    find_global_peaks_rough,
    find_global_peaks_with_offsets,
)
from foveal.peaks.integral import integral_regression
from foveal.peaks.local_direction import find_offsets_local_direction, refine_peaks_local_direction
from foveal.peaks.local_peaks import (
    find_local_peaks,
    find_local_peaks_integral,
    find_local_peaks_rough,
    find_local_peaks_with_offsets,
)
from foveal.peaks.smoothing import ensure_odd, make_gaussian_kernel, smooth_imgs

__all__ = [
    "average_flipped_maps",
    "crop_bboxes",
    "crop_centered_boxes",
    "ensure_odd",
    "find_global_peaks",
    "find_global_peaks_integral",
    "find_global_peaks_rough",
    "find_global_peaks_with_offsets",
    "find_local_peaks",
    "find_local_peaks_integral",
    "find_local_peaks_rough",
    "find_local_peaks_with_offsets",
    "find_offsets_local_direction",
    "flip_maps",
    "integral_regression",
    "make_centered_bboxes",
    "make_gaussian_kernel",
    "refine_peaks_local_direction",
    "render_confidence_maps",
    "smooth_imgs",
]
