# SPDX-License-Identifier: Apache-2.0
"""Medians of 3 x 3 pixels in strips of rows: a selection network in registers."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import BYTES
from foveal.kernels.cpu.filters._lanes import FEW, few_like, whole_like
from foveal.kernels.cpu.filters._strips import FOUR, MEDIAN, SIDES, fold_windows

THREE = SIDES[3]
NARROWEST = 2 * FEW + len(THREE)
"""The least width of an image for `three`."""


@compile_kernel
def three(start, stop, image, result, rows, columns):
    """Fill rows start to stop, counted through all planes; `rows` and `columns` are of the surrounded image."""
    lanes = BYTES // image.itemsize
    if lanes == FEW or image.shape[2] < 2 * lanes + len(THREE):
        _three(start, stop, image, result, rows, columns, few_like(image), FEW)
    else:
        _three(start, stop, image, result, rows, columns, whole_like(image), lanes)


@compile_kernel
def _three(start, stop, image, result, rows, columns, like, lanes):
    outside, edges = np.zeros(image.shape[2], image.dtype), np.empty((2, len(FOUR) + 2, lanes + 2), image.dtype)
    sources, targets = np.empty((3, len(FOUR) + 2), np.int64), np.empty(len(FOUR), np.int64)
    fold_windows(
        start, stop, image.reshape(-1), result.reshape(-1), rows, columns, outside, MEDIAN, edges, sources, targets,
        THREE, like, like, lanes,
    )  # fmt: skip
