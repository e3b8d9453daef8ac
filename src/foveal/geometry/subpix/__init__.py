# SPDX-License-Identifier: Apache-2.0
"""Subpixel localization: coordinates of maps and of local peaks, differentiably."""

from foveal.geometry.subpix.conv_soft_argmax import (
    ConvSoftArgmax2d,
    ConvSoftArgmax3d,
    conv_soft_argmax2d,
    conv_soft_argmax3d,
)
from foveal.geometry.subpix.gaussian import render_gaussian2d
from foveal.geometry.subpix.nms import (
    NonMaximaSuppression2d,
    NonMaximaSuppression3d,
    nms2d,
    nms3d,
    nms3d_minmax,
)
from foveal.geometry.subpix.quad_interp import (
    AdaptiveQuadInterp3d,
    ConvQuadInterp3d,
    IterativeQuadInterp3d,
    conv_quad_interp3d,
    iterative_quad_interp3d,
)
from foveal.geometry.subpix.soft_argmax import (
    SpatialSoftArgmax2d,
    spatial_expectation2d,
    spatial_soft_argmax2d,
    spatial_softmax2d,
)

__all__ = [
    "AdaptiveQuadInterp3d",
    "ConvQuadInterp3d",
    "ConvSoftArgmax2d",
    "ConvSoftArgmax3d",
    "IterativeQuadInterp3d",
    "NonMaximaSuppression2d",
    "NonMaximaSuppression3d",
    "SpatialSoftArgmax2d",
    "conv_quad_interp3d",
    "conv_soft_argmax2d",
    "conv_soft_argmax3d",
    "iterative_quad_interp3d",
    "nms2d",
    "nms3d",
    "nms3d_minmax",
    "render_gaussian2d",
    "spatial_expectation2d",
    "spatial_soft_argmax2d",
    "spatial_softmax2d",
]
