# SPDX-License-Identifier: Apache-2.0
"""Sharpness: towards a smoothed image, or away from it."""

from torch import Tensor
from torch.nn.functional import pad

from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.enhance._factor import aligned, as_batch, check_factor, check_image, clipped


@op
def sharpness(
    input: Pixels[Tensor, "*batch height width"], factor: Tensor | float
) -> Pixels[Tensor, "*batch height width"]:
    """Blend an image with its smoothed copy, as Pillow's sharpness does: 0 smoothes, 1 leaves, more sharpens.

    Args:
        input: pixels in [0, 1], (*, C, H, W) or (H, W), or uint8.
        factor: weight of the image, the smoothed copy (the mean of 3x3 pixels, the centre counting five times) has
            1 - factor; a number, or a tensor with one value per image, all leading dimensions flattened.

    Returns:
        The image, clipped to [0, 1], in the dtype of `input`. The outermost pixels are not smoothed.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `input` is smaller than 3x3 pixels, or `factor` has not one value per image.

    >>> import torch
    >>> sharpness(torch.eye(3), 0.0)[1]
    tensor([0.0000, 0.5385, 0.0000])

    Source: Pillow, `ImageEnhance.Sharpness`.
    """
    check_image(input, "input")
    if min(input.shape[-2:]) < 3:
        raise ValueError(f"input must have at least 3x3 pixels, got shape {tuple(input.shape)}")
    images = as_batch(input)
    check_factor(factor, "factor", images, per_channel=False)
    pixels = decode(images)
    inside = pixels[..., 1:-1, 1:-1]
    rows = pixels[..., :-2, :] + pixels[..., 1:-1, :] + pixels[..., 2:, :]
    window = rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]
    smooth = clipped((window + 4 * inside) / 13)
    change = (smooth - inside) * (1 - aligned(factor, pixels))
    return encode(clipped(pixels + pad(change, (1, 1, 1, 1))), images).reshape(input.shape)
