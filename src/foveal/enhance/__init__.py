# SPDX-License-Identifier: Apache-2.0
"""Adjustments of tone and colour, histograms, equalization and coding of images."""

from foveal.enhance.clahe import equalize_clahe
from foveal.enhance.equalization import equalize, equalize3d
from foveal.enhance.histograms import histogram, histogram2d, image_histogram2d
from foveal.enhance.integral import IntegralImage, IntegralTensor, integral_image, integral_tensor
from foveal.enhance.jpeg import JPEGCodecDifferentiable, jpeg_codec_differentiable

__all__ = [
    "IntegralImage",
    "IntegralTensor",
    "JPEGCodecDifferentiable",
    "equalize",
    "equalize3d",
    "equalize_clahe",
    "histogram",
    "histogram2d",
    "image_histogram2d",
    "integral_image",
    "integral_tensor",
    "jpeg_codec_differentiable",
]
