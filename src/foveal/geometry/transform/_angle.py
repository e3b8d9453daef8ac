# SPDX-License-Identifier: Apache-2.0
"""Angles in degrees, exact at quarter turns."""

import torch
from jaxtyping import Float
from torch import Tensor


def cosine_and_sine(degrees: Float[Tensor, "*shape"]) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """Return cosine and sine; at multiples of 90 degrees exactly 0, 1 or -1, so that a quarter turn moves pixels."""
    quarters = (degrees / 90).detach().round()
    rest = torch.deg2rad(degrees - 90 * quarters)
    cosine, sine = rest.cos(), rest.sin()
    quarter = quarters.remainder(4)
    turned = (quarter == 1) | (quarter == 3)
    cosine, sine = torch.where(turned, sine, cosine), torch.where(turned, cosine, sine)
    return torch.where((quarter == 1) | (quarter == 2), -cosine, cosine), torch.where(quarter >= 2, -sine, sine)
