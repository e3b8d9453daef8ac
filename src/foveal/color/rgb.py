# SPDX-License-Identifier: Apache-2.0
"""The order of the channels, and the range of their values."""

from jaxtyping import Float, Num
from torch import Tensor

from foveal._check import check_floating, check_pixels, check_shape
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels


@op
def rgb_to_bgr(image: Num[Tensor, "*batch 3 height width"]) -> Num[Tensor, "*batch 3 height width"]:
    """Reverse the order of the three channels.

    Args:
        image: RGB, (*, 3, H, W), of any dtype.

    Returns:
        BGR, (*, 3, H, W).

    Raises:
        TypeError: `image` is not a tensor.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> rgb_to_bgr(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1)).flatten()
    tensor([0.0000, 0.5000, 1.0000])
    """
    check_shape(image, "image", "*", 3, "H", "W")
    return image.flip(-3)


@op
def bgr_to_rgb(image: Num[Tensor, "*batch 3 height width"]) -> Num[Tensor, "*batch 3 height width"]:
    """Reverse the order of the three channels.

    Args:
        image: BGR, (*, 3, H, W), of any dtype.

    Returns:
        RGB, (*, 3, H, W).

    Raises:
        TypeError: `image` is not a tensor.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> bgr_to_rgb(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1)).flatten()
    tensor([0.0000, 0.5000, 1.0000])
    """
    check_shape(image, "image", "*", 3, "H", "W")
    return image.flip(-3)


@op
def rgb_to_rgb255(image: Float[Tensor, "*batch 3 height width"]) -> Float[Tensor, "*batch 3 height width"]:
    """Scale RGB in [0, 1] to [0, 255]; values outside are clipped.

    Args:
        image: RGB in [0, 1], (*, 3, H, W).

    Returns:
        RGB in [0, 255], (*, 3, H, W), in the dtype of `image`: not rounded.

    Raises:
        TypeError: `image` is not a floating-point tensor.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> rgb_to_rgb255(torch.tensor([1.0, 0.5, -0.1]).view(3, 1, 1)).flatten()
    tensor([255.0000, 127.5000,   0.0000])
    """
    check_floating(image, "image")
    check_shape(image, "image", "*", 3, "H", "W")
    return (image * 255).clamp(0, 255)


@op
def rgb255_to_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Float[Tensor, "*batch 3 height width"]:
    """Scale RGB in [0, 255] to [0, 1], without clipping.

    Args:
        image: RGB in [0, 255], (*, 3, H, W), floats or uint8.

    Returns:
        RGB in [0, 1], (*, 3, H, W): float32 for bytes, else in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> import torch
    >>> rgb255_to_rgb(torch.tensor([255.0, 127.5, 0.0]).view(3, 1, 1)).flatten()
    tensor([1.0000, 0.5000, 0.0000])
    """
    check_pixels(image, "image", 3)
    return image / 255


class RgbToBgr(module(rgb_to_bgr)): ...


class BgrToRgb(module(bgr_to_rgb)): ...


class RgbToRgb255(module(rgb_to_rgb255)): ...


class Rgb255ToRgb(module(rgb255_to_rgb)): ...
