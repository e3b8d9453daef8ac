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
from foveal.filters.box_blur import BoxBlur, box_blur
from foveal.filters.canny import Canny, canny
from foveal.filters.fft_conv import fft_conv
from foveal.filters.filter2d import convolve2d, correlate2d, filter2d, filter2d_separable
from foveal.filters.filter3d import convolve3d, correlate3d, filter3d
from foveal.filters.gaussian_blur import GaussianBlur2d, UnsharpMask, gaussian_blur2d, unsharp_mask
from foveal.filters.gaussian_kernel import (
    gaussian,
    get_gaussian_discrete_kernel1d,
    get_gaussian_erf_kernel1d,
    get_gaussian_kernel1d,
    get_gaussian_kernel2d,
    get_gaussian_kernel3d,
)
from foveal.filters.gradient_kernels import (
    get_diff_kernel2d,
    get_sobel_kernel2d,
    get_spatial_gradient_kernel2d,
    get_spatial_gradient_kernel3d,
)
from foveal.filters.guided import GuidedBlur, guided_blur
from foveal.filters.in_range import InRange, in_range
from foveal.filters.laplacian import Laplacian, laplacian
from foveal.filters.median import MedianBlur, get_binary_kernel2d, median_blur
from foveal.filters.motion_blur import MotionBlur, MotionBlur3D, motion_blur, motion_blur3d
from foveal.filters.motion_kernels import get_motion_kernel2d, get_motion_kernel3d
from foveal.filters.otsu import OtsuThreshold, otsu_threshold
from foveal.filters.sobel import Sobel, sobel
from foveal.filters.spatial_gradient import SpatialGradient, SpatialGradient3d, spatial_gradient, spatial_gradient3d
from foveal.filters.window_kernel import (
    get_box_kernel1d,
    get_box_kernel2d,
    get_hanning_kernel1d,
    get_hanning_kernel2d,
    get_laplacian_kernel1d,
    get_laplacian_kernel2d,
    laplacian_1d,
)

__all__ = [
    "BilateralBlur",
    "BlurPool2D",
    "BoxBlur",
    "Canny",
    "EdgeAwareBlurPool2D",
    "GaussianBlur2d",
    "GuidedBlur",
    "InRange",
    "JointBilateralBlur",
    "Laplacian",
    "MaxBlurPool2D",
    "MedianBlur",
    "MotionBlur",
    "MotionBlur3D",
    "OtsuThreshold",
    "Sobel",
    "SpatialGradient",
    "SpatialGradient3d",
    "UnsharpMask",
    "bilateral_blur",
    "blur_pool2d",
    "box_blur",
    "canny",
    "convolve2d",
    "convolve3d",
    "correlate2d",
    "correlate3d",
    "edge_aware_blur_pool2d",
    "fft_conv",
    "filter2d",
    "filter2d_separable",
    "filter3d",
    "gaussian",
    "gaussian_blur2d",
    "get_binary_kernel2d",
    "get_box_kernel1d",
    "get_box_kernel2d",
    "get_diff_kernel2d",
    "get_gaussian_discrete_kernel1d",
    "get_gaussian_erf_kernel1d",
    "get_gaussian_kernel1d",
    "get_gaussian_kernel2d",
    "get_gaussian_kernel3d",
    "get_hanning_kernel1d",
    "get_hanning_kernel2d",
    "get_laplacian_kernel1d",
    "get_laplacian_kernel2d",
    "get_motion_kernel2d",
    "get_motion_kernel3d",
    "get_sobel_kernel2d",
    "get_spatial_gradient_kernel2d",
    "get_spatial_gradient_kernel3d",
    "guided_blur",
    "in_range",
    "joint_bilateral_blur",
    "laplacian",
    "laplacian_1d",
    "max_blur_pool2d",
    "median_blur",
    "motion_blur",
    "motion_blur3d",
    "otsu_threshold",
    "sobel",
    "spatial_gradient",
    "spatial_gradient3d",
    "unsharp_mask",
]
