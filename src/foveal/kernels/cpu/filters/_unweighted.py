# SPDX-License-Identifier: Apache-2.0
"""Windows without weights in strips of rows: medians of 3 x 3 pixels, and means of bytes."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import BYTES
from foveal.kernels.cpu.filters._lanes import FEW, few_like, whole_like
from foveal.kernels.cpu.filters._strips import FOUR, fold_windows


def is_wide(width: int, side: int) -> bool:
    """Say whether images of this width have room for the vectors of `unweighted`."""
    return width >= 2 * FEW + side


@compile_kernel
def unweighted(start, stop, image, result, rows, columns, side, what):
    """Fill rows start to stop, counted through all planes, with what `_strips` takes in place of weights.

    `side` is a tuple as long as the side of the window; `rows` and `columns` are of the surrounded image.
    """
    lanes = BYTES // image.itemsize
    if lanes == FEW or image.shape[2] < 2 * lanes + len(side):
        _unweighted(start, stop, image, result, rows, columns, side, what, few_like(image), FEW)
    else:
        _unweighted(start, stop, image, result, rows, columns, side, what, whole_like(image), lanes)


@compile_kernel
def _unweighted(start, stop, image, result, rows, columns, side, what, like, lanes):
    around = len(side) - 1
    outside = np.zeros(image.shape[2], image.dtype)
    edges = np.empty((2, len(FOUR) + around, lanes + around), image.dtype)
    sources, targets = np.empty((3, len(FOUR) + around), np.int64), np.empty(len(FOUR), np.int64)
    fold_windows(
        start, stop, image.reshape(-1), result.reshape(-1), rows, columns, outside, what, 1, edges, sources, targets,
        side, like, like, lanes,
    )  # fmt: skip
