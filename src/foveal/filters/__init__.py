# SPDX-License-Identifier: Apache-2.0
"""Filters of images: linear, rank, edge-preserving, and edges."""

from foveal.filters.filter2d import convolve2d, correlate2d, filter2d, filter2d_separable
from foveal.filters.gradient_kernels import (
    get_diff_kernel2d,
    get_sobel_kernel2d,
    get_spatial_gradient_kernel2d,
    get_spatial_gradient_kernel3d,
)
from foveal.filters.in_range import InRange, in_range
from foveal.filters.motion_blur import MotionBlur, MotionBlur3D, motion_blur, motion_blur3d
from foveal.filters.motion_kernels import get_motion_kernel2d, get_motion_kernel3d
from foveal.filters.otsu import OtsuThreshold, otsu_threshold
from foveal.filters.sobel import Sobel, sobel
from foveal.filters.spatial_gradient import SpatialGradient, SpatialGradient3d, spatial_gradient, spatial_gradient3d

__all__ = [
    "InRange",
    "MotionBlur",
    "MotionBlur3D",
    "OtsuThreshold",
    "Sobel",
    "SpatialGradient",
    "SpatialGradient3d",
    "convolve2d",
    "correlate2d",
    "filter2d",
    "filter2d_separable",
    "get_diff_kernel2d",
    "get_motion_kernel2d",
    "get_motion_kernel3d",
    "get_sobel_kernel2d",
    "get_spatial_gradient_kernel2d",
    "get_spatial_gradient_kernel3d",
    "in_range",
    "motion_blur",
    "motion_blur3d",
    "otsu_threshold",
    "sobel",
    "spatial_gradient",
    "spatial_gradient3d",
]
