# SPDX-License-Identifier: Apache-2.0
"""Linear maps of the colour channels."""

from collections.abc import Sequence

import torch
from torch import Tensor

Matrix = Sequence[Sequence[float]]


def mix(image: Tensor, matrix: Matrix) -> Tensor:
    """Return matrix @ pixel for every pixel."""
    channels = image.unbind(-3)
    return torch.stack([sum_of_products(row, channels) for row in matrix], dim=-3)


def sum_of_products(weights: Sequence[float] | Sequence[Tensor], channels: Sequence[Tensor]) -> Tensor:
    """Return the weighted sum of three channels."""
    return weights[0] * channels[0] + weights[1] * channels[1] + weights[2] * channels[2]
