# SPDX-License-Identifier: Apache-2.0
"""Pixels of an image at given positions: what crops and warps share."""

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from foveal._check import check_floating, check_option, check_shape, check_tensor

MODES = ("bilinear", "nearest")
PADDINGS = ("zeros", "border", "reflection")

Taps = list[tuple[Integer[Tensor, "*positions"], Float[Tensor, "*positions"]]]


def check_sampling(mode: str, padding_mode: str, paddings: tuple[str, ...] = PADDINGS) -> None:
    """Raise ValueError unless both options are known."""
    check_option(mode, "mode", MODES)
    check_option(padding_mode, "padding_mode", paddings)


def check_image(image: Tensor, name: str) -> None:
    """Raise unless `image` is a floating-point tensor (B, C, H, W) with pixels to sample."""
    check_floating(image, name)
    _check_sides(image, name)


def check_pixels(image: Tensor, name: str) -> None:
    """Raise unless `image` is as for `check_image`, or of bytes."""
    check_tensor(image, name)
    if image.dtype is not torch.uint8:
        check_floating(image, name)
    _check_sides(image, name)


def _check_sides(image: Tensor, name: str) -> None:
    check_shape(image, name, "B", "C", "H", "W")
    if 0 in image.shape[2:]:
        raise ValueError(f"{name} must have at least one pixel, got {tuple(image.shape)}")


def decode(image: Tensor) -> Tensor:
    """Return bytes as floats, anything else as it is."""
    return image.float() if image.dtype is torch.uint8 else image


def encode(result: Tensor, like: Tensor) -> Tensor:
    """Return a result in bytes where `like` has bytes, rounded and clipped."""
    if like.dtype is torch.uint8:
        return (result + 0.5).floor().clamp(0, 255).to(torch.uint8)
    return result


def check_boxes(boxes: Tensor, name: str, image: Tensor) -> None:
    """Raise unless `boxes` are four corners for each image, or for all."""
    check_tensor(boxes, name)
    check_shape(boxes, name, 1 if boxes.shape[:1] == (1,) else image.shape[0], 4, 2)


def wide_dtype(*tensors: Tensor) -> torch.dtype:
    """Return the dtype that holds coordinates for these tensors: float32 at the least."""
    dtype = torch.float32
    for tensor in tensors:
        dtype = torch.promote_types(dtype, tensor.dtype)
    return dtype


def sample(
    image: Float[Tensor, "batch channels height width"],
    x: Float[Tensor, "batch *#positions"],
    y: Float[Tensor, "batch *#positions"],
    mode: str,
    padding_mode: str,
    align_corners: bool,
) -> Float[Tensor, "batch channels *positions"]:
    """Return the image at positions in pixels, centres on integers.

    Args:
        image: (B, C, H, W).
        x: columns; `x` and `y` broadcast against each other.
        y: rows.
        mode: `"bilinear"`, or `"nearest"`, where a position halfway between two pixels takes the greater one.
        padding_mode: what lies outside: `"zeros"`, `"border"` (the nearest pixel) or `"reflection"`.
        align_corners: reflect about the centres of the outer pixels, else about their outer edges.
    """
    height, width = image.shape[-2:]
    columns = axis_taps(x, width, mode, padding_mode, align_corners)
    rows = axis_taps(y, height, mode, padding_mode, align_corners)
    pixels = image.flatten(-2)
    lines: list[Tensor] = []
    for row, row_weight in rows:
        values: list[Tensor] = []
        for column, column_weight in columns:
            index = row * width + column
            everywhere = index.flatten(1).unsqueeze(1).expand(-1, image.shape[1], -1)
            value = pixels.gather(2, everywhere).unflatten(2, index.shape[1:])
            values.append(weigh(value, column_weight))
        lines.append(weigh(sum(values[1:], values[0]), row_weight))
    return sum(lines[1:], lines[0]).to(image.dtype)


def axis_taps(position: Tensor, size: int, mode: str, padding_mode: str, align_corners: bool) -> Taps:
    """Return the pixels of one axis that each position mixes, and their weights."""
    if padding_mode == "border":
        position = position.clamp(0, size - 1)
    elif padding_mode == "reflection":
        position = _reflect(position, size, align_corners)
    if mode == "nearest":
        # The product carries the (zero) gradient.
        return [_tap((position + 0.5).floor(), 1 + position * 0, size, padding_mode)]
    low = position.floor()
    fraction = position - low
    return [
        _tap(low, 1 - fraction, size, padding_mode),
        _tap(low + 1, fraction, size, padding_mode),
    ]


def _tap(pixel: Tensor, weight: Tensor, size: int, padding_mode: str) -> tuple[Tensor, Tensor]:
    """Move a pixel into the image; outside it (and at NaN, which is nowhere) its weight is zero."""
    inside = (pixel >= 0) & (pixel <= size - 1) if padding_mode == "zeros" else pixel == pixel
    index = torch.where(pixel == pixel, pixel, 0).clamp(0, size - 1).long()
    return index, torch.where(inside, weight, 0)


def _reflect(position: Tensor, size: int, align_corners: bool) -> Tensor:
    """Fold positions into the image, as by mirrors at its first and last pixel."""
    if align_corners and size == 1:
        return position * 0
    first, span = (0.0, size - 1.0) if align_corners else (-0.5, float(size))
    distance = position - first
    distance = distance - (distance / (2 * span)).floor() * (2 * span)
    return (first + (span - (distance - span).abs())).clamp(0, size - 1)


def weigh(value: Tensor, weight: Tensor) -> Tensor:
    """Return value * weight, where a weight of zero gives zero even if the value is infinite or NaN."""
    weight = weight.unsqueeze(1)
    return torch.where((weight == 0) & ~value.isfinite(), 0, value) * weight
