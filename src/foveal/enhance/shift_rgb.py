# SPDX-License-Identifier: Apache-2.0
"""Channels shifted apart."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_tensor
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.enhance._factor import check_image, clipped


@op
def shift_rgb(
    image: Pixels[Tensor, "batch 3 height width"],
    r_shift: Float[Tensor, "*shifts"],
    g_shift: Float[Tensor, "*shifts"],
    b_shift: Float[Tensor, "*shifts"],
) -> Pixels[Tensor, "batch 3 height width"]:
    """Add a shift to each channel.

    Args:
        image: RGB in [0, 1], (B, 3, H, W), or uint8.
        r_shift: added to red, in units of [0, 1]; one value per image, (B,), or one for all, (1,) or ().
        g_shift: added to green.
        b_shift: added to blue.

    Returns:
        RGB, clipped to [0, 1], in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or a shift is no tensor.
        ValueError: `image` has not the shape (B, 3, H, W), or a shift has not one value, or one per image.

    >>> shift_rgb(torch.zeros(1, 3, 1, 1), *torch.tensor([[0.25], [0.5], [-1.0]])).flatten()
    tensor([0.2500, 0.5000, 0.0000])
    """
    check_image(image, "image", "B", 3, "H", "W")
    for value, name in ((r_shift, "r_shift"), (g_shift, "g_shift"), (b_shift, "b_shift")):
        check_tensor(value, name)
        if value.ndim > 1 or value.numel() not in (1, image.shape[0]):
            raise ValueError(
                f"{name} must have one value, or one per image of {tuple(image.shape)}, got shape {tuple(value.shape)}"
            )
    pixels = decode(image)
    shifts = [shift.reshape(-1, 1, 1).expand(len(image), 1, 1).to(pixels) for shift in (r_shift, g_shift, b_shift)]
    return encode(clipped(pixels + torch.stack(shifts, dim=1)), image)
