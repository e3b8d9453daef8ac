# SPDX-License-Identifier: Apache-2.0
"""Warps by maps that say, for each pixel of the result, where in the image it is taken from."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_same_shape, check_shape
from foveal._op import op
from foveal._pixels import Pixels
from foveal.geometry.transform._sample import check_pixels, check_sampling, decode, encode, sample, wide_dtype


@op
def remap(
    image: Pixels[Tensor, "batch channels height width"],
    map_x: Float[Tensor, "#batch rows columns"],
    map_y: Float[Tensor, "#batch rows columns"],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
    normalized_coordinates: bool = False,
) -> Pixels[Tensor, "batch channels rows columns"]:
    """Sample images at the positions that a map gives for each pixel of the result.

    Args:
        image: (B, C, H, W); bytes give bytes, rounded.
        map_x: columns of the image, (B, h, w) or (1, h, w) for all images. NaN is nowhere: zero.
        map_y: rows of the image, of the shape of `map_x`.
        mode: `"bilinear"` or `"nearest"`, which has no gradient to the maps.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: whether -1 and 1 are the centres of the outer pixels or their outer edges; reflection is about
            the same places. Maps in pixels need it for nothing else. `None` is `False`.
        normalized_coordinates: the maps are in [-1, 1] over the image, else in pixels.

    Returns:
        Warped images, (B, C, h, w).

    Raises:
        TypeError: `image` is neither floating-point nor uint8, or a map is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: pixel centres are on integers.

    >>> row = torch.tensor([[[2.0, 0.5, -1.0]]])
    >>> remap(torch.tensor([[[[1.0, 2.0, 3.0]]]]), row, torch.zeros_like(row))
    tensor([[[[3.0000, 1.5000, 0.0000]]]])
    """
    check_pixels(image, "image")
    check_floating(map_x, "map_x")
    check_floating(map_y, "map_y")
    check_shape(map_x, "map_x", 1 if map_x.shape[:1] == (1,) else image.shape[0], "h", "w")
    check_same_shape(map_y, "map_y", map_x)
    check_sampling(mode, padding_mode)
    aligned, dtype = bool(align_corners), wide_dtype(image, map_x, map_y)
    x, y = map_x.to(dtype), map_y.to(dtype)
    if normalized_coordinates:
        x, y = to_pixels(x, image.shape[3], aligned), to_pixels(y, image.shape[2], aligned)
    x, y = (position.expand(image.shape[0], -1, -1) for position in (x, y))
    return encode(sample(decode(image), x, y, mode, padding_mode, aligned), image)


def to_pixels(coordinate: Tensor, pixels: int, align_corners: bool) -> Tensor:
    """Scale [-1, 1] to [0, W - 1] (corners aligned) or [-1/2, W - 1/2].

    Normalized coordinates are rounded: what they cannot tell from an integer is that integer, and the identity exact.
    """
    scaled = coordinate * ((pixels - 1 if align_corners else pixels) / 2) + (pixels - 1) / 2
    nearest = scaled.detach().round()
    resolution = 2 * pixels * torch.finfo(scaled.dtype).eps
    return torch.where((nearest - scaled).abs() <= resolution, scaled + (nearest - scaled).detach(), scaled)
