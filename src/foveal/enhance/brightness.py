# SPDX-License-Identifier: Apache-2.0
"""Brightness: added to every pixel, or multiplied into it."""

from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.enhance._factor import aligned, check_factor, check_image, clipped


@op
def adjust_brightness(
    image: Pixels[Tensor, "*batch height width"], factor: Tensor | float, clip_output: bool = True
) -> Pixels[Tensor, "*batch height width"]:
    """Add a factor to every pixel.

    Args:
        image: pixels in [0, 1], (*, H, W), or uint8.
        factor: what is added, in units of [0, 1]; a number, or a tensor along the leading dimensions such as (B,).
        clip_output: clip the result to [0, 1].

    Returns:
        The image in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has less than two dimensions, or `factor` does not run along its leading ones.

    >>> import torch
    >>> adjust_brightness(torch.tensor([[0.25, 0.75]]), 0.5)
    tensor([[0.7500, 1.0000]])

    Source: Szeliski, "Computer vision", section 3.1.1.
    """
    check_image(image, "image")
    check_factor(factor, "factor", image)
    pixels = decode(image)
    return encode(clipped(pixels + aligned(factor, pixels), clip_output), image)


@op
def adjust_brightness_accumulative(
    image: Pixels[Tensor, "*batch height width"], factor: Tensor | float, clip_output: bool = True
) -> Pixels[Tensor, "*batch height width"]:
    """Multiply every pixel by a factor, as Pillow's brightness does: 0 is black, 1 leaves the image.

    Args:
        image: pixels in [0, 1], (*, H, W), or uint8.
        factor: a number, or a tensor along the leading dimensions such as (B,).
        clip_output: clip the result to [0, 1].

    Returns:
        The image in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has less than two dimensions, or `factor` does not run along its leading ones.

    >>> import torch
    >>> adjust_brightness_accumulative(torch.tensor([[0.25, 0.75]]), 2.0)
    tensor([[0.5000, 1.0000]])

    Source: Pillow, `ImageEnhance.Brightness`.
    """
    check_image(image, "image")
    check_factor(factor, "factor", image)
    pixels = decode(image)
    return encode(clipped(pixels * aligned(factor, pixels), clip_output), image)


class AdjustBrightness(
    module(adjust_brightness, inputs=("image",), names={"factor": "brightness_factor"}, keywords=("clip_output",))
): ...


class AdjustBrightnessAccumulative(
    module(
        adjust_brightness_accumulative,
        inputs=("image",),
        names={"factor": "brightness_factor"},
        keywords=("clip_output",),
    )
): ...
