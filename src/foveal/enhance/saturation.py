# SPDX-License-Identifier: Apache-2.0
"""Saturation: of HSV, or as distance from the luma."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import HSV, decode, encode
from foveal.enhance._factor import aligned, check_factor, check_image, clipped
from foveal.enhance.contrast import grey_of


@op
def adjust_saturation(
    image: Pixels[Tensor, "*batch 3 height width"], factor: Tensor | float
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Multiply the saturation of RGB, and clip it to [0, 1]; hue and value stay.

    Each channel's distance from the largest one is multiplied, until one channel is 0: no hue needs to be known.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8.
        factor: 0 gives the largest channel as grey, 1 leaves the image; a number, or a tensor along the leading
            dimensions such as (B,).

    Returns:
        RGB in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has not the shape (*, 3, H, W), or `factor` does not run along its leading dimensions.

    >>> adjust_saturation(torch.tensor([1.0, 0.75, 0.5]).view(3, 1, 1), 1.5).flatten()
    tensor([1.0000, 0.6250, 0.2500])

    Source: Smith 1978, "Color gamut transform pairs".
    """
    check_pixels(image, "image", 3)
    check_factor(factor, "factor", image, per_channel=False)
    rgb = decode(image)
    value = rgb.amax(dim=-3, keepdim=True)
    chroma = value - rgb.amin(dim=-3, keepdim=True)
    scale = aligned(factor, rgb)
    scale = scale.clamp(min=0) if isinstance(scale, Tensor) else max(scale, 0.0)
    pure = scale * chroma > value
    scale = torch.where(pure, value / torch.where(pure, chroma, 1), scale)
    return encode(value - (value - rgb) * scale, image)


@op
def adjust_saturation_raw(
    image: Pixels[Tensor, "*batch 3 height width"], factor: Tensor | float
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Multiply the saturation of HSV, and clip it to [0, 1].

    Args:
        image: hue, saturation and value, (*, 3, H, W), or uint8.
        factor: a number, or a tensor along the leading dimensions such as (B,).

    Returns:
        HSV in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has not the shape (*, 3, H, W), or `factor` does not run along its leading dimensions.

    >>> adjust_saturation_raw(torch.tensor([2.0, 0.25, 0.5]).view(3, 1, 1), 3.0).flatten()
    tensor([2.0000, 0.7500, 0.5000])
    """
    check_pixels(image, "image", 3)
    check_factor(factor, "factor", image, per_channel=False)
    hue, saturation, value = decode(image, HSV).split(1, dim=-3)
    saturation = clipped(saturation * aligned(factor, saturation))
    return encode(torch.cat([hue, saturation, value], dim=-3), image, HSV)


@op
def adjust_saturation_with_gray_subtraction(
    image: Pixels[Tensor, "*batch channels height width"], factor: Tensor | float
) -> Pixels[Tensor, "*batch channels height width"]:
    """Blend RGB with its luma, as Pillow's colour does: 0 is grey, 1 leaves the image, more goes beyond.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), grey, (*, 1, H, W), which is returned as it is, or uint8.
        factor: weight of the image, the luma has 1 - factor; a number, or a tensor along the leading dimensions.

    Returns:
        The image, of RGB clipped to [0, 1], in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has neither three channels nor one, or `factor` does not run along its leading dimensions.

    >>> adjust_saturation_with_gray_subtraction(torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1), 0.5).flatten()
    tensor([0.6495, 0.1495, 0.1495])

    Source: Pillow, `ImageEnhance.Color`.
    """
    check_image(image, "image", "*", "C", "H", "W")
    if image.shape[-3] not in (1, 3):
        raise ValueError(f"image must have 3 channels or 1, got shape {tuple(image.shape)}")
    check_factor(factor, "factor", image, per_channel=False)
    if image.shape[-3] == 1:
        return image
    rgb = decode(image)
    weight = aligned(factor, rgb)
    return encode(clipped(rgb * weight + grey_of(rgb) * (1 - weight)), image)


class AdjustSaturation(module(adjust_saturation, inputs=("image",), names={"factor": "saturation_factor"})): ...


class AdjustSaturationWithGraySubtraction(
    module(adjust_saturation_with_gray_subtraction, inputs=("image",), names={"factor": "saturation_factor"})
): ...
