# SPDX-License-Identifier: Apache-2.0
"""CIE XYZ of linear RGB with the primaries of BT.709 and the white point D65."""

import numpy as np
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.color._matrix import Matrix, mix

RGB_TO_XYZ: Matrix = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
XYZ_TO_RGB: Matrix = np.linalg.inv(RGB_TO_XYZ).tolist()


@op
def rgb_to_xyz(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert linear RGB to CIE XYZ.

    Args:
        image: linear RGB, (*, 3, H, W), or uint8. sRGB goes through `rgb_to_linear_rgb` first.

    Returns:
        XYZ, (*, 3, H, W), in the dtype of `image`; white has Y = 1, which is the byte 255.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> rgb_to_xyz(torch.ones(3, 1, 1)).flatten()
    tensor([0.9505, 1.0000, 1.0888])

    Source: ITU-R BT.709-6, section 1; the matrix as in OpenCV's "Color conversions".
    """
    check_pixels(image, "image", 3)
    return encode(mix(decode(image), RGB_TO_XYZ), image)


@op
def xyz_to_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert CIE XYZ to linear RGB: the exact inverse of `rgb_to_xyz`, not clipped.

    Args:
        image: XYZ, (*, 3, H, W), or uint8.

    Returns:
        Linear RGB, (*, 3, H, W), in the dtype of `image`. `linear_rgb_to_rgb` makes it sRGB.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> xyz_to_rgb(torch.tensor([0.950456, 1.0, 1.088754]).view(3, 1, 1)).flatten().round(decimals=3)
    tensor([1., 1., 1.])

    Source: ITU-R BT.709-6, section 1.
    """
    check_pixels(image, "image", 3)
    return encode(mix(decode(image), XYZ_TO_RGB), image)


class RgbToXyz(module(rgb_to_xyz)): ...


class XyzToRgb(module(xyz_to_rgb)): ...
