# SPDX-License-Identifier: Apache-2.0
"""Measures of how well a result agrees with the truth."""

from foveal.metrics.psnr import psnr
from foveal.metrics.ssim import SSIM, SSIM3D, ssim, ssim3d

__all__ = [
    "SSIM",
    "SSIM3D",
    "psnr",
    "ssim",
    "ssim3d",
]
