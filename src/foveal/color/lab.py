# SPDX-License-Identifier: Apache-2.0
"""CIE L*a*b* of sRGB under D65."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import LAB, decode, encode
from foveal.color._matrix import mix
from foveal.color.linear_rgb import from_linear, to_linear
from foveal.color.xyz import RGB_TO_XYZ, XYZ_TO_RGB

D65 = (0.95047, 1.0, 1.08883)

# The cube root and its straight part meet here.
DARK, DARK_ROOT = 0.008856, 0.2068966
SLOPE, INTERCEPT = 7.787, 4 / 29


@op
def rgb_to_lab(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert sRGB to CIE L*a*b*.

    Args:
        image: sRGB in [0, 1], (*, 3, H, W), or uint8.

    Returns:
        L* in [0, 100], a* and b* within [-128, 127], (*, 3, H, W), in the dtype of `image`. Bytes are OpenCV's:
        L* * 255 / 100, a* + 128 and b* + 128.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    Convention: the white point is D65 = (0.95047, 1, 1.08883), 2 degree observer; the white of sRGB differs from it in
    the fifth digit, so that greys have |a*| and |b*| up to 0.005.

    >>> rgb_to_lab(torch.tensor([1.0, 0.5, 0.25]).view(3, 1, 1)).flatten().round(decimals=2)
    tensor([67.2300, 44.3700, 55.3700])

    Source: CIE 15:2004, section 8.2.1, with the rounded constants of OpenCV's "Color conversions".
    """
    check_pixels(image, "image", 3)
    xyz = mix(to_linear(decode(image)), RGB_TO_XYZ).unbind(-3)
    x, y, z = (_root(channel / white) for channel, white in zip(xyz, D65, strict=True))
    return encode(torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-3), image, LAB)


@op
def lab_to_rgb(
    image: Pixels[Tensor, "*batch 3 height width"], clip: bool = True
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert CIE L*a*b* to sRGB.

    Args:
        image: L* in [0, 100], a* and b* in [-128, 127], (*, 3, H, W); or uint8, with L* * 255 / 100, a* + 128 and
            b* + 128.
        clip: clip the result to [0, 1].

    Returns:
        sRGB, (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    Convention: the white point is D65 = (0.95047, 1, 1.08883). A b* too large for its L* counts as the largest for
    which the cube root of Z is not negative.

    >>> lab_to_rgb(torch.tensor([67.23, 44.37, 55.37]).view(3, 1, 1)).flatten().round(decimals=3)
    tensor([1.0000, 0.5000, 0.2500])

    Source: CIE 15:2004, annex D, with the rounded constants of OpenCV's "Color conversions".
    """
    check_pixels(image, "image", 3)
    lightness, a, b = decode(image, LAB).unbind(-3)
    y = (lightness + 16) / 116
    roots = (y + a / 500, y, (y - b / 200).clamp(min=0))
    xyz = [white * _cube(root) for root, white in zip(roots, D65, strict=True)]
    rgb = from_linear(mix(torch.stack(xyz, dim=-3), XYZ_TO_RGB))
    return encode(rgb.clamp(0, 1) if clip else rgb, image)


class RgbToLab(module(rgb_to_lab)): ...


class LabToRgb(module(lab_to_rgb, inputs=("image", "clip"))): ...


def _root(ratio: Tensor) -> Tensor:
    """Return the cube root, or its straight part in the dark."""
    # The clamp keeps the cube root, and its gradient, away from zero.
    return torch.where(ratio > DARK, ratio.clamp(min=DARK) ** (1 / 3), SLOPE * ratio + INTERCEPT)


def _cube(root: Tensor) -> Tensor:
    """Return the inverse of `_root`."""
    return torch.where(root > DARK_ROOT, root**3, (root - INTERCEPT) / SLOPE)
