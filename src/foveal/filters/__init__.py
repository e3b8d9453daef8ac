# SPDX-License-Identifier: Apache-2.0
"""Filters of images: linear, rank, edge-preserving, and edges."""

from foveal.filters.bilateral import BilateralBlur, JointBilateralBlur, bilateral_blur, joint_bilateral_blur
from foveal.filters.blur_pool import (
    BlurPool2D,
    EdgeAwareBlurPool2D,
    MaxBlurPool2D,
    blur_pool2d,
    edge_aware_blur_pool2d,
    max_blur_pool2d,
)
from foveal.filters.guided import GuidedBlur, guided_blur
from foveal.filters.median import MedianBlur, get_binary_kernel2d, median_blur

__all__ = [
    "BilateralBlur",
    "BlurPool2D",
    "EdgeAwareBlurPool2D",
    "GuidedBlur",
    "JointBilateralBlur",
    "MaxBlurPool2D",
    "MedianBlur",
    "bilateral_blur",
    "blur_pool2d",
    "edge_aware_blur_pool2d",
    "get_binary_kernel2d",
    "guided_blur",
    "joint_bilateral_blur",
    "max_blur_pool2d",
    "median_blur",
]
