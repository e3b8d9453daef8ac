# SPDX-License-Identifier: Apache-2.0
"""Contrast: a gain about black, or about the mean of the image."""

from torch import Tensor

from foveal._check import check_not_negative
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.color._matrix import sum_of_products
from foveal.color.grayscale import LUMA
from foveal.enhance._factor import aligned, check_factor, check_image, clipped


@op
def adjust_contrast(
    image: Pixels[Tensor, "*batch height width"], factor: Tensor | float, clip_output: bool = True
) -> Pixels[Tensor, "*batch height width"]:
    """Multiply every pixel by a factor of at least zero: 0 is black, 1 leaves the image.

    Args:
        image: pixels in [0, 1], (*, H, W), or uint8.
        factor: a number of at least 0, or a tensor along the leading dimensions such as (B,), which is not read.
        clip_output: clip the result to [0, 1].

    Returns:
        The image in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has less than two dimensions, `factor` does not run along its leading ones, or is a negative
            number.

    >>> import torch
    >>> adjust_contrast(torch.tensor([[0.25, 0.75]]), 2.0)
    tensor([[0.5000, 1.0000]])

    Source: Szeliski, "Computer vision", section 3.1.1.
    """
    check_image(image, "image")
    check_factor(factor, "factor", image)
    check_not_negative(factor, "factor")
    pixels = decode(image)
    return encode(clipped(pixels * aligned(factor, pixels), clip_output), image)


@op
def adjust_contrast_with_mean_subtraction(
    image: Pixels[Tensor, "*batch channels height width"], factor: Tensor | float
) -> Pixels[Tensor, "*batch channels height width"]:
    """Blend each image with its mean grey, as Pillow's contrast does: 0 is grey, 1 leaves the image.

    Args:
        image: pixels in [0, 1], (*, C, H, W), or uint8; the grey of three channels is 0.299 R + 0.587 G + 0.114 B, that
            of others their mean.
        factor: weight of the image, the mean has 1 - factor; a number, or a tensor along the leading dimensions.

    Returns:
        The image, clipped to [0, 1], in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has less than three dimensions, or `factor` does not run along its leading ones.

    >>> import torch
    >>> adjust_contrast_with_mean_subtraction(torch.tensor([[[0.25, 0.75]]]), 0.5)
    tensor([[[0.3750, 0.6250]]])

    Source: Pillow, `ImageEnhance.Contrast`.
    """
    check_image(image, "image", "*", "C", "H", "W")
    check_factor(factor, "factor", image)
    pixels = decode(image)
    weight = aligned(factor, pixels)
    mean = grey_of(pixels).mean(dim=(-3, -2, -1), keepdim=True)
    return encode(clipped(pixels * weight + mean * (1 - weight)), image)


class AdjustContrast(
    module(adjust_contrast, inputs=("image",), names={"factor": "contrast_factor"}, keywords=("clip_output",))
): ...


class AdjustContrastWithMeanSubtraction(
    module(adjust_contrast_with_mean_subtraction, inputs=("image",), names={"factor": "contrast_factor"})
): ...


def grey_of(pixels: Tensor) -> Tensor:
    """Return the luma of RGB, (*, 1, H, W); images of other channels as they are."""
    if pixels.shape[-3] != 3:
        return pixels
    return sum_of_products(LUMA, pixels.unbind(-3)).unsqueeze(-3)
