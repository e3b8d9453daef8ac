# SPDX-License-Identifier: Apache-2.0
"""Gradients of functions of a difference: that to one image is the negative of that to the other.

A loop writes both while a block of the first is still near; a negation of its own would read it from memory again.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array, fresh
from foveal.kernels.cpu._compile import BARE, compile_kernel

EASE = 8
"""How many times less work than `parallel_for` counts on an element of two images takes that are subtracted: some
0.1 nanoseconds. A second thread, which takes longer to wake than 100,000 of them, pays for larger images only."""


_NONE = np.empty(0, np.float32)


def pull_apart(
    needs: tuple[bool, ...], first: Tensor, second: Tensor, shape: tuple[int, ...], fill: Callable[..., Any]
) -> tuple[Tensor | None, Tensor | None]:
    """Return the gradients to both images, those that are needed, of an even function of their difference.

    Args:
        needs: whether a gradient is needed, of each image first.
        first: an image.
        second: an image of the same shape.
        shape: the shape in which the loop takes them.
        fill: `fill(first, second, result, opposite)` writes the gradient to the first image, and its negative by
            `oppose` to the same places of what has any.
    """
    if not needs[0]:
        first, second = second, first
    result, row = fresh(first.shape)
    opposite, opposite_row = fresh(first.shape) if needs[0] and needs[1] else (None, _NONE)
    images = as_array(first).reshape(shape), as_array(second).reshape(shape)
    fill(*images, row.reshape(shape), opposite_row.reshape(shape))
    return (result, opposite) if needs[0] else (None, result)


@compile_kernel(**BARE)
def oppose(row, result):
    """Write the negative of a row."""
    for j in range(result.shape[0]):
        result[j] = -row[j]
