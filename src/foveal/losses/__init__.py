# SPDX-License-Identifier: Apache-2.0
"""Loss functions."""

from foveal.losses.divergence import js_div_loss_2d, kl_div_loss_2d

__all__ = [
    "js_div_loss_2d",
    "kl_div_loss_2d",
]
