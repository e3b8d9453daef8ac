# SPDX-License-Identifier: Apache-2.0
"""YCbCr of full range: the luma of BT.601 and two differences from it."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import LUMA_CHROMA, ByteRange, decode, encode
from foveal.color._matrix import sum_of_products
from foveal.color.grayscale import LUMA

CB_SCALE, CR_SCALE = 0.564, 0.713

# 0.5 stands for no difference; in bytes OpenCV puts it at 128.
BYTES = ByteRange(LUMA_CHROMA.scale, (0, 0.5, 0.5))


@op
def rgb_to_ycbcr(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert RGB to YCbCr.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8.

    Returns:
        Y, Cb and Cr in [0, 1], (*, 3, H, W), grey at Cb = Cr = 0.5; in the dtype of `image`, for bytes grey at 128.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    Convention: Cb comes before Cr, unlike in OpenCV's YCrCb.

    >>> rgb_to_ycbcr(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1)).flatten()
    tensor([0.5925, 0.1658, 0.7905])

    Source: ITU-R BT.601-7, section 2.5, with the factors of OpenCV's "Color conversions".
    """
    check_pixels(image, "image", 3)
    red, green, blue = decode(image).unbind(-3)
    luma = sum_of_products(LUMA, (red, green, blue))
    result = torch.stack([luma, (blue - luma) * CB_SCALE + 0.5, (red - luma) * CR_SCALE + 0.5], dim=-3)
    return encode(result, image, BYTES)


@op
def rgb_to_y(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 1 height width"]:
    """Return the luma of RGB: the first channel of `rgb_to_ycbcr`.

    Args:
        image: RGB, (*, 3, H, W), floats or uint8.

    Returns:
        Y, (*, 1, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> rgb_to_y(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1))
    tensor([[[0.5925]]])

    Source: ITU-R BT.601-7, section 2.5.1.
    """
    check_pixels(image, "image", 3)
    return encode(sum_of_products(LUMA, decode(image).split(1, dim=-3)), image)


@op
def ycbcr_to_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert YCbCr to RGB, clipped to [0, 1]: within it the exact inverse of `rgb_to_ycbcr`.

    Args:
        image: Y, Cb and Cr in [0, 1], (*, 3, H, W), or uint8 with grey at Cb = Cr = 128.

    Returns:
        RGB in [0, 1], (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> ycbcr_to_rgb(torch.tensor([0.5925, 0.16583, 0.79055]).view(3, 1, 1)).flatten()
    tensor([1.0000, 0.5000, 0.0000])

    Source: ITU-R BT.601-7, section 2.5, with the factors of OpenCV's "Color conversions".
    """
    check_pixels(image, "image", 3)
    luma, cb, cr = decode(image, BYTES).unbind(-3)
    blue_difference, red_difference = (cb - 0.5) / CB_SCALE, (cr - 0.5) / CR_SCALE
    green_difference = -(LUMA[0] * red_difference + LUMA[2] * blue_difference) / LUMA[1]
    result = torch.stack([luma + red_difference, luma + green_difference, luma + blue_difference], dim=-3)
    return encode(result.clamp(0, 1), image)


class RgbToYcbcr(module(rgb_to_ycbcr)): ...


class YcbcrToRgb(module(ycbcr_to_rgb)): ...
