# SPDX-License-Identifier: Apache-2.0
"""YUV with fewer samples of chroma than of luma: 4:2:0 and 4:2:2."""

import torch
from torch import Tensor

from foveal._check import check_pixels, check_shape
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import CHROMA, UNIT, decode, encode
from foveal.color._matrix import mix
from foveal.color.yuv import RGB_TO_YUV, YUV_TO_RGB


@op
def rgb_to_yuv420(
    image: Pixels[Tensor, "*batch 3 height width"],
) -> tuple[Pixels[Tensor, "*batch 1 height width"], Pixels[Tensor, "*batch 2 height//2 width//2"]]:
    """Convert RGB to YUV with one sample of chroma, the mean, for each block of 2x2 pixels.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8; H and W even.

    Returns:
        Y in [0, 1], (*, 1, H, W), and U in [-0.436, 0.436] with V in [-0.615, 0.615], (*, 2, H / 2, W / 2), in the
        dtype of `image`; for bytes as in `rgb_to_yuv`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W) with even H and W.

    >>> luma, chroma = rgb_to_yuv420(torch.ones(3, 4, 6))
    >>> luma.shape, chroma.shape
    (torch.Size([1, 4, 6]), torch.Size([2, 2, 3]))

    Source: ITU-R BT.470-5, table 2, items 2.5 and 2.6.
    """
    check_pixels(image, "image", 3)
    _check_even(image, height=True)
    luma, chroma = mix(decode(image), RGB_TO_YUV).split([1, 2], dim=-3)
    blocks = chroma.unflatten(-1, (-1, 2)).unflatten(-3, (-1, 2))
    return encode(luma, image, UNIT), encode(blocks.mean(dim=(-3, -1)), image, CHROMA)


@op
def rgb_to_yuv422(
    image: Pixels[Tensor, "*batch 3 height width"],
) -> tuple[Pixels[Tensor, "*batch 1 height width"], Pixels[Tensor, "*batch 2 height width//2"]]:
    """Convert RGB to YUV with one sample of chroma, the mean, for each two pixels of a row.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8; W even.

    Returns:
        Y in [0, 1], (*, 1, H, W), and U in [-0.436, 0.436] with V in [-0.615, 0.615], (*, 2, H, W / 2), in the dtype of
        `image`; for bytes as in `rgb_to_yuv`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W) with even W.

    >>> luma, chroma = rgb_to_yuv422(torch.ones(3, 4, 6))
    >>> luma.shape, chroma.shape
    (torch.Size([1, 4, 6]), torch.Size([2, 4, 3]))

    Source: ITU-R BT.470-5, table 2, items 2.5 and 2.6.
    """
    check_pixels(image, "image", 3)
    _check_even(image, height=False)
    luma, chroma = mix(decode(image), RGB_TO_YUV).split([1, 2], dim=-3)
    return encode(luma, image, UNIT), encode(chroma.unflatten(-1, (-1, 2)).mean(dim=-1), image, CHROMA)


@op
def yuv420_to_rgb(
    imagey: Pixels[Tensor, "*batch 1 height width"], imageuv: Pixels[Tensor, "*batch 2 height//2 width//2"]
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert YUV with one sample of chroma for each block of 2x2 pixels to RGB, not clipped.

    Args:
        imagey: Y in [0, 1], (*, 1, H, W), or uint8; H and W even.
        imageuv: U and V as from `rgb_to_yuv420`, (*, 2, H / 2, W / 2); each sample serves its four pixels.

    Returns:
        RGB, (*, 3, H, W), in the dtype of `imagey`.

    Raises:
        TypeError: an image is neither of a floating-point dtype nor uint8.
        ValueError: `imagey` has not the shape (*, 1, H, W) with even H and W, or `imageuv` does not fit it.

    >>> yuv420_to_rgb(torch.full((1, 2, 2), 0.5), torch.zeros(2, 1, 1))[:, 0, 0]
    tensor([0.5000, 0.5000, 0.5000])

    Source: ITU-R BT.470-5, table 2, items 2.5 and 2.6.
    """
    check_pixels(imagey, "imagey", 1)
    check_pixels(imageuv, "imageuv", 2)
    _check_even(imagey, height=True, name="imagey")
    height, width = imagey.shape[-2:]
    check_shape(imageuv, "imageuv", *imagey.shape[:-3], 2, height // 2, width // 2)
    chroma = decode(imageuv, CHROMA).repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)
    return encode(mix(torch.cat([decode(imagey, UNIT), chroma], dim=-3), YUV_TO_RGB), imagey)


@op
def yuv422_to_rgb(
    imagey: Pixels[Tensor, "*batch 1 height width"], imageuv: Pixels[Tensor, "*batch 2 height width//2"]
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert YUV with one sample of chroma for each two pixels of a row to RGB, not clipped.

    Args:
        imagey: Y in [0, 1], (*, 1, H, W), or uint8; W even.
        imageuv: U and V as from `rgb_to_yuv422`, (*, 2, H, W / 2); each sample serves its two pixels.

    Returns:
        RGB, (*, 3, H, W), in the dtype of `imagey`.

    Raises:
        TypeError: an image is neither of a floating-point dtype nor uint8.
        ValueError: `imagey` has not the shape (*, 1, H, W) with even W, or `imageuv` does not fit it.

    >>> yuv422_to_rgb(torch.full((1, 1, 2), 0.5), torch.zeros(2, 1, 1))[:, 0, 0]
    tensor([0.5000, 0.5000, 0.5000])

    Source: ITU-R BT.470-5, table 2, items 2.5 and 2.6.
    """
    check_pixels(imagey, "imagey", 1)
    check_pixels(imageuv, "imageuv", 2)
    _check_even(imagey, height=False, name="imagey")
    height, width = imagey.shape[-2:]
    check_shape(imageuv, "imageuv", *imagey.shape[:-3], 2, height, width // 2)
    chroma = decode(imageuv, CHROMA).repeat_interleave(2, dim=-1)
    return encode(mix(torch.cat([decode(imagey, UNIT), chroma], dim=-3), YUV_TO_RGB), imagey)


class RgbToYuv420(module(rgb_to_yuv420)): ...


class RgbToYuv422(module(rgb_to_yuv422)): ...


class Yuv420ToRgb(module(yuv420_to_rgb)): ...


class Yuv422ToRgb(module(yuv422_to_rgb)): ...


def _check_even(image: Tensor, *, height: bool, name: str = "image") -> None:
    if image.shape[-1] % 2 or (height and image.shape[-2] % 2):
        raise ValueError(
            f"{name} must have an even {'height and width' if height else 'width'}, got {tuple(image.shape[-2:])}"
        )
