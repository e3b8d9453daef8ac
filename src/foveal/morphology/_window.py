# SPDX-License-Identifier: Apache-2.0
"""What the morphological operations share: checks, borders, and the largest pixel of a window."""

import math
from typing import Any

import torch
from torch import Tensor

from foveal import _border as border
from foveal._check import check_option, check_same_shape, check_shape, check_tensor

BORDERS = ("geodesic", *border.BORDERS)
ENGINES = ("auto", "unfold", "convolution", "shift")


def check_image(value: Any, name: str) -> None:
    """Raise unless `value` is images (B, C, H, W) of a floating-point dtype or uint8."""
    check_tensor(value, name)
    if not value.is_floating_point() and value.dtype is not torch.uint8:
        raise TypeError(f"{name} must have a floating-point dtype or be uint8, got {value.dtype}")
    check_shape(value, name, "B", "C", "H", "W")


def check_kernel(value: Any, name: str) -> None:
    """Raise unless `value` is a matrix with at least one cell."""
    check_shape(value, name, "height", "width")
    if 0 in value.shape:
        raise ValueError(f"{name} must have at least one cell, got shape {tuple(value.shape)}")


def check_arguments(
    tensor: Any, kernel: Any, structuring_element: Any, origin: Any, border_type: Any, engine: Any
) -> None:
    """Raise unless these are arguments of a dilation."""
    check_image(tensor, "tensor")
    check_kernel(kernel, "kernel")
    if structuring_element is not None:
        check_same_shape(structuring_element, "structuring_element", kernel)
    if origin is not None:
        if not isinstance(origin, tuple | list):
            raise TypeError(f"origin must be [row, column], got {type(origin).__name__}")
        if len(origin) != 2 or any(not isinstance(place, int) for place in origin):
            raise ValueError(f"origin must be two integers [row, column], got {origin}")
    check_option(border_type, "border_type", BORDERS)
    check_option(engine, "engine", ENGINES)


def decode(image: Tensor) -> Tensor:
    """Return bytes as floats, anything else as it is."""
    return image.float() if image.dtype is torch.uint8 else image


def encode(result: Tensor, like: Tensor) -> Tensor:
    """Return a result in bytes where `like` has bytes, rounded and clipped: an empty window is then black or white."""
    return result.round().clamp(0, 255).to(torch.uint8) if like.dtype is torch.uint8 else result


def pad(image: Tensor, margins: tuple[int, int, int, int], border_type: str, border_value: float) -> Tensor:
    """Surround images (*, H, W) by (left, right, top, bottom) pixels; a negative number cuts pixels off."""
    if border_type == "geodesic":
        return border.pad(image, margins, "constant", -math.inf)
    return border.pad(image, margins, border_type, border_value)


def strongest(padded: Tensor, on: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Find the largest pixel (plus weight) among the cells that are `on` of the window behind each pixel.

    Args:
        padded: images (*, H + h - 1, W + w - 1).
        on: which cells count, (h, w), booleans.
        weights: what each cell adds, (h, w), or `None`.

    Returns:
        Its value (*, H, W), -inf where nothing counts, without a gradient, and its place in the flattened window: of
        equal ones the first, so that a gradient has one place to go. Memory does not grow with the window.
    """
    height, width = on.shape
    rows, columns = padded.shape[-2] - height + 1, padded.shape[-1] - width + 1
    padded = padded.detach()
    offsets = torch.zeros_like(on, dtype=padded.dtype) if weights is None else weights.detach()
    best = padded.new_full((*padded.shape[:-2], rows, columns), -math.inf)
    place = torch.zeros_like(best, dtype=torch.int64)
    for number in range(height * width):
        i, j = divmod(number, width)
        pixel = padded[..., i : i + rows, j : j + columns] + offsets[i, j]
        pixel = torch.where(on[i, j], pixel, -math.inf)
        better = (pixel > best) | pixel.isnan()
        best = torch.where(better, pixel, best)
        place = torch.where(better, number, place)
    return best, place


def pixels_at(padded: Tensor, place: Tensor, width: int) -> Tensor:
    """Return the pixel of `padded` at a place in the flattened window, `width` cells wide, behind each pixel."""
    rows = torch.arange(place.shape[-2], device=place.device).unsqueeze(-1) + place // width
    columns = torch.arange(place.shape[-1], device=place.device) + place % width
    flat = rows * padded.shape[-1] + columns
    return padded.flatten(-2).gather(-1, flat.flatten(-2)).view(place.shape)
