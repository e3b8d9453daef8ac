# SPDX-License-Identifier: Apache-2.0
"""An alpha channel, appended and composited."""

from collections.abc import Sequence

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_pixels, check_shape
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode


@op
def rgb_to_rgba(
    image: Num[Tensor, "*batch 3 height width"], alpha_val: float | Num[Tensor, "*batch 1 height width"]
) -> Num[Tensor, "*batch 4 height width"]:
    """Append an alpha channel to RGB.

    Args:
        image: RGB, (*, 3, H, W), of any dtype.
        alpha_val: alpha of every pixel, or of each one in a tensor (*, 1, H, W); in the range of the image, so that 255
            is opaque for bytes.

    Returns:
        RGBA, (*, 4, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is not a tensor, or `alpha_val` neither a number nor a tensor.
        ValueError: `image` has not the shape (*, 3, H, W), or a tensor `alpha_val` not the shape (*, 1, H, W) with the
            same sizes.

    >>> rgb_to_rgba(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1), 0.25).flatten()
    tensor([1.0000, 0.5000, 0.0000, 0.2500])
    """
    check_shape(image, "image", "*", 3, "H", "W")
    return torch.cat([image, _alpha_of(alpha_val, image)], dim=-3)


@op
def bgr_to_rgba(
    image: Num[Tensor, "*batch 3 height width"], alpha_val: float | Num[Tensor, "*batch 1 height width"]
) -> Num[Tensor, "*batch 4 height width"]:
    """Reverse the channels of BGR and append an alpha channel.

    Args:
        image: BGR, (*, 3, H, W), of any dtype.
        alpha_val: alpha of every pixel, or of each one in a tensor (*, 1, H, W); in the range of the image, so that 255
            is opaque for bytes.

    Returns:
        RGBA, (*, 4, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is not a tensor, or `alpha_val` neither a number nor a tensor.
        ValueError: `image` has not the shape (*, 3, H, W), or a tensor `alpha_val` not the shape (*, 1, H, W) with the
            same sizes.

    >>> bgr_to_rgba(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1), 0.25).flatten()
    tensor([0.0000, 0.5000, 1.0000, 0.2500])
    """
    check_shape(image, "image", "*", 3, "H", "W")
    blue, green, red = image.split(1, dim=-3)
    return torch.cat([red, green, blue, _alpha_of(alpha_val, image)], dim=-3)


@op
def rgba_to_rgb(
    image: Pixels[Tensor, "*batch 4 height width"], background_color: Sequence[float] | Tensor | None = None
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Composite RGBA over a background: alpha * colour + (1 - alpha) * background.

    Args:
        image: RGBA, (*, 4, H, W), floats with alpha in [0, 1], or uint8.
        background_color: RGB in [0, 1]: three numbers, or a tensor that broadcasts to (*, 3, H, W); `None` is white.

    Returns:
        RGB, (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 4, H, W), or there are not three background numbers.

    >>> rgba_to_rgb(torch.tensor([1.0, 0.5, 0.0, 0.5]).view(4, 1, 1)).flatten()
    tensor([1.0000, 0.7500, 0.5000])

    Source: Porter and Duff 1984, "Compositing digital images", the operator *over* with an opaque background.
    """
    check_pixels(image, "image", 4)
    colour, alpha = decode(image).split([3, 1], dim=-3)
    return encode(colour * alpha + _background(background_color, colour) * (1 - alpha), image)


@op
def rgba_to_bgr(image: Pixels[Tensor, "*batch 4 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Composite RGBA over white and reverse the channels.

    Args:
        image: RGBA, (*, 4, H, W), floats with alpha in [0, 1], or uint8.

    Returns:
        BGR, (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 4, H, W).

    >>> rgba_to_bgr(torch.tensor([1.0, 0.5, 0.0, 0.5]).view(4, 1, 1)).flatten()
    tensor([0.5000, 0.7500, 1.0000])

    Source: Porter and Duff 1984, as `rgba_to_rgb`.
    """
    check_pixels(image, "image", 4)
    red, green, blue, alpha = decode(image).split(1, dim=-3)
    return encode(torch.cat([blue, green, red], dim=-3) * alpha + (1 - alpha), image)


class RgbToRgba(module(rgb_to_rgba, inputs=("image",))): ...


class BgrToRgba(module(bgr_to_rgba, inputs=("image",))): ...


class RgbaToRgb(module(rgba_to_rgb, inputs=("image", "background_color"))): ...


class RgbaToBgr(module(rgba_to_bgr)): ...


def _alpha_of(alpha: float | Tensor, image: Tensor) -> Tensor:
    if isinstance(alpha, Tensor):
        check_shape(alpha, "alpha_val", *image.shape[:-3], 1, *image.shape[-2:])
        return alpha.to(image.device, image.dtype)
    if not isinstance(alpha, float | int):
        raise TypeError(f"alpha_val must be a number or a torch.Tensor, got {type(alpha).__name__}")
    return torch.full_like(image[..., :1, :, :], alpha)


def _background(background: Sequence[float] | Tensor | None, like: Tensor) -> Tensor | float:
    if background is None:
        return 1.0
    if not isinstance(background, Tensor):
        background = torch.tensor(background, device=like.device, dtype=like.dtype)
    if background.ndim == 1:
        check_shape(background, "background_color", 3)
        background = background.view(3, 1, 1)
    return background.to(like.device, like.dtype)
