# SPDX-License-Identifier: Apache-2.0
"""Mathematical morphology of grey images: flat and non-flat structuring elements of any shape, size and origin."""

from foveal.morphology.dilation import dilation, erosion
from foveal.morphology.opening import bottom_hat, closing, gradient, opening, top_hat
from foveal.morphology.reconstruction import reconstruction

__all__ = [
    "bottom_hat",
    "closing",
    "dilation",
    "erosion",
    "gradient",
    "opening",
    "reconstruction",
    "top_hat",
]
