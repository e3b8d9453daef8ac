# SPDX-License-Identifier: Apache-2.0
"""YUV of PAL: the luma and two signed differences from it."""

import numpy as np
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import LUMA_CHROMA, decode, encode
from foveal.color._matrix import Matrix, mix

RGB_TO_YUV: Matrix = ((0.299, 0.587, 0.114), (-0.147, -0.289, 0.436), (0.615, -0.515, -0.100))
YUV_TO_RGB: Matrix = np.linalg.inv(RGB_TO_YUV).tolist()


@op
def rgb_to_yuv(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert RGB to YUV.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8.

    Returns:
        Y in [0, 1], U in [-0.436, 0.436] and V in [-0.615, 0.615], (*, 3, H, W), in the dtype of `image`. Bytes are
        OpenCV's: 255 Y, 255 U + 128 and 255 V + 128, clipped.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> rgb_to_yuv(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1)).flatten()
    tensor([ 0.5925, -0.2915,  0.3575])

    Source: ITU-R BT.470-5, table 2, items 2.5 and 2.6.
    """
    check_pixels(image, "image", 3)
    return encode(mix(decode(image), RGB_TO_YUV), image, LUMA_CHROMA)


@op
def yuv_to_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert YUV to RGB: the exact inverse of `rgb_to_yuv`, not clipped.

    Args:
        image: Y in [0, 1], U in [-0.436, 0.436] and V in [-0.615, 0.615], (*, 3, H, W); or uint8, with 255 Y,
            255 U + 128 and 255 V + 128.

    Returns:
        RGB, (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> yuv_to_rgb(torch.tensor([0.6210, -0.1825, 0.3325]).view(3, 1, 1)).flatten().round(decimals=3)
    tensor([1.0000, 0.5000, 0.2500])

    Source: ITU-R BT.470-5, table 2, items 2.5 and 2.6.
    """
    check_pixels(image, "image", 3)
    return encode(mix(decode(image, LUMA_CHROMA), YUV_TO_RGB), image)


class RgbToYuv(module(rgb_to_yuv)): ...


class YuvToRgb(module(yuv_to_rgb)): ...
