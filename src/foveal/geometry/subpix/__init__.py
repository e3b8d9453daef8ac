# SPDX-License-Identifier: Apache-2.0
"""Subpixel localization: coordinates of maps and of local peaks, differentiably."""

from foveal.geometry.subpix.soft_argmax import (
    SpatialSoftArgmax2d,
    spatial_expectation2d,
    spatial_soft_argmax2d,
    spatial_softmax2d,
)

__all__ = [
    "SpatialSoftArgmax2d",
    "spatial_expectation2d",
    "spatial_soft_argmax2d",
    "spatial_softmax2d",
]
