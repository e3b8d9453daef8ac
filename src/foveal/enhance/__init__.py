# SPDX-License-Identifier: Apache-2.0
"""Adjustments of tone and colour, histograms, equalization and coding of images."""

from foveal.enhance.add_weighted import AddWeighted, add_weighted
from foveal.enhance.brightness import (
    AdjustBrightness,
    AdjustBrightnessAccumulative,
    adjust_brightness,
    adjust_brightness_accumulative,
)
from foveal.enhance.clahe import equalize_clahe
from foveal.enhance.contrast import (
    AdjustContrast,
    AdjustContrastWithMeanSubtraction,
    adjust_contrast,
    adjust_contrast_with_mean_subtraction,
)
from foveal.enhance.equalization import equalize, equalize3d
from foveal.enhance.gamma import AdjustGamma, adjust_gamma
from foveal.enhance.histograms import histogram, histogram2d, image_histogram2d
from foveal.enhance.hue import AdjustHue, adjust_hue, adjust_hue_raw
from foveal.enhance.integral import IntegralImage, IntegralTensor, integral_image, integral_tensor
from foveal.enhance.invert import Invert, invert
from foveal.enhance.jpeg import JPEGCodecDifferentiable, jpeg_codec_differentiable
from foveal.enhance.logarithm import AdjustLog, adjust_log
from foveal.enhance.min_max import normalize_min_max
from foveal.enhance.normalize import Denormalize, Normalize, denormalize, normalize
from foveal.enhance.posterize import posterize
from foveal.enhance.rescale import Rescale
from foveal.enhance.saturation import (
    AdjustSaturation,
    AdjustSaturationWithGraySubtraction,
    adjust_saturation,
    adjust_saturation_raw,
    adjust_saturation_with_gray_subtraction,
)
from foveal.enhance.sharpness import sharpness
from foveal.enhance.shift_rgb import shift_rgb
from foveal.enhance.sigmoid import AdjustSigmoid, adjust_sigmoid
from foveal.enhance.solarize import solarize
from foveal.enhance.threshold import Threshold, ThresholdType, threshold
from foveal.enhance.zca import ZCAWhitening, linear_transform, zca_mean, zca_whiten

__all__ = [
    "AddWeighted",
    "AdjustBrightness",
    "AdjustBrightnessAccumulative",
    "AdjustContrast",
    "AdjustContrastWithMeanSubtraction",
    "AdjustGamma",
    "AdjustHue",
    "AdjustLog",
    "AdjustSaturation",
    "AdjustSaturationWithGraySubtraction",
    "AdjustSigmoid",
    "Denormalize",
    "IntegralImage",
    "IntegralTensor",
    "Invert",
    "JPEGCodecDifferentiable",
    "Normalize",
    "Rescale",
    "Threshold",
    "ThresholdType",
    "ZCAWhitening",
    "add_weighted",
    "adjust_brightness",
    "adjust_brightness_accumulative",
    "adjust_contrast",
    "adjust_contrast_with_mean_subtraction",
    "adjust_gamma",
    "adjust_hue",
    "adjust_hue_raw",
    "adjust_log",
    "adjust_saturation",
    "adjust_saturation_raw",
    "adjust_saturation_with_gray_subtraction",
    "adjust_sigmoid",
    "denormalize",
    "equalize",
    "equalize3d",
    "equalize_clahe",
    "histogram",
    "histogram2d",
    "image_histogram2d",
    "integral_image",
    "integral_tensor",
    "invert",
    "jpeg_codec_differentiable",
    "linear_transform",
    "normalize",
    "normalize_min_max",
    "posterize",
    "sharpness",
    "shift_rgb",
    "solarize",
    "threshold",
    "zca_mean",
    "zca_whiten",
]
