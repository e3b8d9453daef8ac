# SPDX-License-Identifier: Apache-2.0
"""Losses with one number per image, and their reductions."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array, filled

Array = np.ndarray[Any, Any]


def reduced(losses: Array, reduction: str) -> Tensor:
    """Return the losses of the images, their mean or their sum."""
    if reduction != "none":
        losses = losses.mean() if reduction == "mean" else losses.sum()
    return torch.from_numpy(np.array(losses, np.float32))


def image_gradients(gradient: Tensor, reduction: str, images: int) -> Array:
    """Return the gradient to the loss of each image."""
    if reduction == "none":
        return as_array(gradient)
    return filled((images,), gradient.item() / (images if reduction == "mean" else 1))
