# SPDX-License-Identifier: Apache-2.0
"""Filters of images: linear, rank, edge-preserving, and edges."""

from foveal.filters.filter2d import convolve2d, correlate2d, filter2d, filter2d_separable

__all__ = [
    "convolve2d",
    "correlate2d",
    "filter2d",
    "filter2d_separable",
]
