# SPDX-License-Identifier: Apache-2.0
"""CIE L*u*v* of sRGB under D65."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import LUV, decode, encode
from foveal.color._matrix import mix
from foveal.color.lab import D65, DARK
from foveal.color.linear_rgb import from_linear, to_linear
from foveal.color.xyz import RGB_TO_XYZ, XYZ_TO_RGB

# u' and v' of the white point.
WHITE_U = 4 * D65[0] / (D65[0] + 15 * D65[1] + 3 * D65[2])
WHITE_V = 9 * D65[1] / (D65[0] + 15 * D65[1] + 3 * D65[2])

DARK_LIGHTNESS = 7.999625
SLOPE = 903.3


@op
def rgb_to_luv(
    image: Pixels[Tensor, "*batch 3 height width"], eps: float = 1e-12
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert sRGB to CIE L*u*v*.

    Args:
        image: sRGB in [0, 1], (*, 3, H, W), or uint8.
        eps: added where X + 15 Y + 3 Z divides.

    Returns:
        L* in [0, 100], u* within [-134, 220], v* within [-140, 122], (*, 3, H, W), in the dtype of `image`. Bytes are
        OpenCV's: L* * 255 / 100, (u* + 134) * 255 / 354 and (v* + 140) * 255 / 262.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    Convention: the white point is D65 = (0.95047, 1, 1.08883), 2 degree observer; the white of sRGB differs from it in
    the fifth digit, so that greys have |u*| and |v*| up to 0.008.

    >>> rgb_to_luv(torch.tensor([1.0, 0.5, 0.25]).view(3, 1, 1)).flatten().round(decimals=2)
    tensor([ 67.2300, 102.7100,  50.5300])

    Source: CIE 15:2004, section 8.2.2, with the rounded constants of OpenCV's "Color conversions".
    """
    check_pixels(image, "image", 3)
    x, y, z = mix(to_linear(decode(image)), RGB_TO_XYZ).unbind(-3)
    # The clamp keeps the cube root, and its gradient, away from zero.
    lightness = torch.where(y > DARK, 116 * y.clamp(min=DARK) ** (1 / 3) - 16, SLOPE * y)
    total = x + 15 * y + 3 * z + eps
    u = 13 * lightness * (4 * x / total - WHITE_U)
    v = 13 * lightness * (9 * y / total - WHITE_V)
    return encode(torch.stack([lightness, u, v], dim=-3), image, LUV)


@op
def luv_to_rgb(
    image: Pixels[Tensor, "*batch 3 height width"], eps: float = 1e-12
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert CIE L*u*v* to sRGB, not clipped.

    Args:
        image: L* in [0, 100], u* and v*, (*, 3, H, W); or uint8, with L* * 255 / 100, (u* + 134) * 255 / 354 and
            (v* + 140) * 255 / 262.
        eps: added where L* and v' divide.

    Returns:
        sRGB, (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    Convention: the white point is D65 = (0.95047, 1, 1.08883), 2 degree observer.

    >>> luv_to_rgb(torch.tensor([67.23, 102.71, 50.53]).view(3, 1, 1)).flatten().round(decimals=3)
    tensor([1.0000, 0.5000, 0.2500])

    Source: CIE 15:2004, section 8.2.2, with the rounded constants of OpenCV's "Color conversions".
    """
    check_pixels(image, "image", 3)
    lightness, u, v = decode(image, LUV).unbind(-3)
    y = torch.where(lightness > DARK_LIGHTNESS, ((lightness + 16) / 116) ** 3, lightness / SLOPE)
    u = u / (13 * lightness + eps) + WHITE_U
    v = v / (13 * lightness + eps) + WHITE_V
    share = y / (4 * v + eps)
    xyz = torch.stack([9 * u * share, y, (12 - 3 * u - 20 * v) * share], dim=-3)
    return encode(from_linear(mix(xyz, XYZ_TO_RGB)), image)


class RgbToLuv(module(rgb_to_luv, inputs=("image", "eps"))): ...


class LuvToRgb(module(luv_to_rgb, inputs=("image", "eps"))): ...
