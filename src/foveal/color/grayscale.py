# SPDX-License-Identifier: Apache-2.0
"""Grey from colour, by the luma of BT.601, and colour from grey."""

import torch
from torch import Tensor

from foveal._check import check_pixels, check_shape
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.color._matrix import sum_of_products

LUMA = (0.299, 0.587, 0.114)

# The same weights in fixed point, of sum 2^15, as OpenCV takes them for bytes.
LUMA_BITS = 15
LUMA_OF_BYTES = (9798, 19235, 3735)


@op
def rgb_to_grayscale(
    image: Pixels[Tensor, "*batch 3 height width"], rgb_weights: Tensor | None = None
) -> Pixels[Tensor, "*batch 1 height width"]:
    """Convert RGB to grey: the weighted sum of the channels.

    Args:
        image: RGB, (*, 3, H, W), floats of any range or uint8.
        rgb_weights: three weights in the order R, G, B; `None` is (0.299, 0.587, 0.114), which sum to one.

    Returns:
        Grey, (*, 1, H, W), in the dtype of `image`. Bytes with the default weights equal OpenCV's bit for bit.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `rgb_weights` is no tensor.
        ValueError: `image` has not the shape (*, 3, H, W), or there are not three weights.

    >>> rgb_to_grayscale(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1))
    tensor([[[0.5925]]])

    Source: ITU-R BT.601-7, section 2.5.1.
    """
    check_pixels(image, "image", 3)
    if rgb_weights is None:
        return _luma(image, LUMA, LUMA_OF_BYTES)
    check_shape(rgb_weights.flatten() if isinstance(rgb_weights, Tensor) else rgb_weights, "rgb_weights", 3)
    rgb = decode(image)
    grey = sum_of_products(rgb_weights.flatten().to(image.device, rgb.dtype).unbind(), rgb.split(1, dim=-3))
    return encode(grey, image)


@op
def bgr_to_grayscale(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 1 height width"]:
    """Convert BGR to grey: the luma of BT.601.

    Args:
        image: BGR, (*, 3, H, W), floats of any range or uint8.

    Returns:
        Grey, (*, 1, H, W), in the dtype of `image`. Bytes equal OpenCV's bit for bit.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> bgr_to_grayscale(torch.tensor([0.0, 0.5, 1.0]).view(3, 1, 1))
    tensor([[[0.5925]]])

    Source: ITU-R BT.601-7, section 2.5.1.
    """
    check_pixels(image, "image", 3)
    return _luma(image, LUMA[::-1], LUMA_OF_BYTES[::-1])


@op
def grayscale_to_rgb(image: Pixels[Tensor, "*batch 1 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Repeat grey in the three channels.

    Args:
        image: grey, (*, 1, H, W), of a floating-point dtype or uint8.

    Returns:
        RGB (and BGR as well), (*, 3, H, W), in the dtype of `image`, with memory of its own.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 1, H, W).

    >>> grayscale_to_rgb(torch.tensor([[[0.5]]])).flatten()
    tensor([0.5000, 0.5000, 0.5000])
    """
    check_pixels(image, "image", 1)
    return torch.cat([image, image, image], dim=-3)


class RgbToGrayscale(module(rgb_to_grayscale)): ...


class BgrToGrayscale(module(bgr_to_grayscale)): ...


class GrayscaleToRgb(module(grayscale_to_rgb)): ...


def _luma(image: Tensor, weights: tuple[float, ...], weights_of_bytes: tuple[int, ...]) -> Tensor:
    if image.dtype is torch.uint8:
        total = sum_of_products(weights_of_bytes, image.int().split(1, dim=-3))
        return ((total + (1 << (LUMA_BITS - 1))) >> LUMA_BITS).to(torch.uint8)
    return encode(sum_of_products(weights, decode(image).split(1, dim=-3)), image)
