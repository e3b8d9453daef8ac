# SPDX-License-Identifier: Apache-2.0
"""Resampling of images on another number of rows and columns."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from foveal._check import check_count, check_option, check_positive, check_shape, check_size, check_tensor
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.filters._correlate import encode, widen
from foveal.filters.gaussian_blur import blurred

SMOOTH = ("bilinear", "bicubic")
INTERPOLATIONS = ("nearest", "nearest-exact", *SMOOTH, "area")
SIDES = ("short", "long", "vert", "horz")


@op
def resize(
    input: Pixels[Tensor, "*batch height width"],
    size: int | tuple[int, int],
    interpolation: str = "bilinear",
    align_corners: bool | None = None,
    side: str = "short",
    antialias: bool = False,
) -> Pixels[Tensor, "*batch rows columns"]:
    """Resample images on so many rows and columns.

    Args:
        input: images, (*, H, W); bytes give bytes, rounded.
        size: rows and columns, or the pixels of one side; the other one keeps the aspect, rounded down.
        interpolation: "nearest", "nearest-exact", "bilinear", "bicubic", or "area", the mean over each pixel's share.
        align_corners: "bilinear" and "bicubic" map the centres of the corner pixels on each other, else their outer
            edges; must be `None` for the others.
        side: which side `size` is where it is a number: "short", "long", "vert" or "horz".
        antialias: blur an axis that gets fewer pixels by a Gaussian before.

    Returns:
        Images, (*, rows, columns); a copy where the size stays.

    Raises:
        TypeError: `input` holds neither floats nor bytes, or `size` is no integers.
        ValueError: a side without pixels, an unknown option, or `align_corners` with one that has no corners.

    Convention: the blur's standard deviation is (scale - 1) / 2 pixels, that of scikit-image, over a window of four.

    >>> resize(torch.tensor([[0.0, 4.0]]), (1, 4))
    tensor([[0., 1., 3., 4.]])
    """
    check_images(input)
    check_interpolation(interpolation, align_corners)
    return resampled(input, sides_of(input, size, side), interpolation, align_corners, antialias)


class Resize(module(resize)): ...


@op
def rescale(
    input: Pixels[Tensor, "*batch height width"],
    factor: float | tuple[float, float],
    interpolation: str = "bilinear",
    align_corners: bool | None = None,
    antialias: bool = False,
) -> Pixels[Tensor, "*batch rows columns"]:
    """Resample images on so many times their rows and columns, rounded down.

    Args:
        input: images, (*, H, W); bytes give bytes, rounded.
        factor: rows and columns of the result over those of the input, or one number for both.
        interpolation: as in `resize`.
        align_corners: as in `resize`.
        antialias: as in `resize`.

    Returns:
        Images, (*, int(H * factor), int(W * factor)).

    Raises:
        TypeError: `input` holds neither floats nor bytes, or `factor` is no numbers.
        ValueError: as in `resize`, or a factor that is not positive.

    Convention: the factor of the rows comes first. The result is that of `resize` to its size. The module form aligns
    corners where there are any.

    >>> rescale(torch.tensor([[0.0, 4.0]]), (1.0, 2.0))
    tensor([[0., 1., 3., 4.]])
    """
    check_images(input)
    check_interpolation(interpolation, align_corners)
    return resampled(input, scaled_sides(input, factor), interpolation, align_corners, antialias)


class Rescale(module(rescale, align_corners=True)):
    def forward(self, input: Tensor) -> Tensor:
        """Call `rescale` on `input` with the options of the constructor."""
        align_corners: Any = self.align_corners if self.interpolation in SMOOTH else None
        return rescale(input, self.factor, self.interpolation, align_corners, self.antialias)  # pyright: ignore[reportArgumentType]


@op
def resize_to_be_divisible(
    input: Pixels[Tensor, "*batch height width"],
    divisible_factor: int,
    interpolation: str = "bilinear",
    align_corners: bool | None = None,
    side: str = "short",
    antialias: bool = False,
) -> Pixels[Tensor, "*batch rows columns"]:
    """Resample images on the nearest numbers of rows and columns that a factor divides.

    Args:
        input: images, (*, H, W); bytes give bytes, rounded.
        divisible_factor: what the sides of the result are multiples of, once at the least.
        interpolation: as in `resize`.
        align_corners: as in `resize`.
        side: has no effect: both sides are given.
        antialias: as in `resize`.

    Returns:
        Images, (*, rows, columns); halves are rounded to the even multiple.

    Raises:
        TypeError: `input` holds neither floats nor bytes, or `divisible_factor` is no integer.
        ValueError: as in `resize`, or a factor below one.

    >>> resize_to_be_divisible(torch.zeros(1, 30, 53), 8).shape
    torch.Size([1, 32, 56])
    """
    check_images(input)
    check_interpolation(interpolation, align_corners)
    check_option(side, "side", SIDES)
    return resampled(input, divisible_sides(input, divisible_factor), interpolation, align_corners, antialias)


def check_images(input: Any, *shape: str) -> None:
    """Raise unless `input` is images of floats or bytes of a shape, by default (*, H, W)."""
    check_tensor(input, "input")
    if not input.is_floating_point() and input.dtype is not torch.uint8:
        raise TypeError(f"input must have a floating-point dtype or be uint8, got {input.dtype}")
    check_shape(input, "input", *(shape or ("*", "H", "W")))


def check_interpolation(interpolation: Any, align_corners: Any) -> None:
    """Raise ValueError unless these are options of `resize`."""
    check_option(interpolation, "interpolation", INTERPOLATIONS)
    check_option(align_corners, "align_corners", (None, True, False) if interpolation in SMOOTH else (None,))


def sides_of(input: Tensor, size: Any, side: Any) -> tuple[int, int]:
    """Return rows and columns of the result of `resize`."""
    check_option(side, "side", SIDES)
    if isinstance(size, tuple | list):
        check_size(size, "size", 2, smallest=0)
        return size[0], size[1]
    check_count(size, "size")
    height, width = input.shape[-2:]
    if side == "vert" or (side == "short" and height < width) or (side == "long" and height >= width):
        return size, size * width // max(height, 1)
    return size * height // max(width, 1), size


def scaled_sides(input: Tensor, factor: Any) -> tuple[int, int]:
    """Return rows and columns of the result of `rescale`."""
    factors = factor if isinstance(factor, tuple | list) else (factor, factor)
    if len(factors) != 2:
        raise ValueError(f"factor must be a number or two, got {factor}")
    for number in factors:
        if isinstance(number, Tensor) or number is None:
            raise TypeError(f"factor must be a number or two, got {type(number).__name__}")
        check_positive(number, "factor")
    return int(input.shape[-2] * factors[0]), int(input.shape[-1] * factors[1])


def divisible_sides(input: Tensor, divisible_factor: Any) -> tuple[int, int]:
    """Return rows and columns of the result of `resize_to_be_divisible`."""
    check_count(divisible_factor, "divisible_factor")
    if divisible_factor < 1:
        raise ValueError(f"divisible_factor must be at least 1, got {divisible_factor}")
    height, width = (max(round(side / divisible_factor), 1) * divisible_factor for side in input.shape[-2:])
    return height, width


def resampled(
    input: Tensor, size: tuple[int, int], interpolation: str, align_corners: bool | None, antialias: bool
) -> Tensor:
    """Return images of another size, all arguments checked."""
    if input.numel() == 0 or 0 in size:
        # As many axes as before: what is empty may become it, but nothing can be made of no pixels.
        if 0 in input.shape[-2:] and 0 not in (*input.shape[:-2], *size):
            raise ValueError(f"input must have at least one pixel, got {tuple(input.shape)}")
        return input.reshape(-1)[:0].reshape(*input.shape[:-2], *size)
    if input.shape[-2:] == size:
        return input.clone()
    image = widen(input).reshape(1, -1, *input.shape[-2:])
    if antialias:
        image = _smoothed(image, size)
    if image.shape[-2:] != size:
        image = functional.interpolate(image, size, mode=interpolation, align_corners=align_corners)
    return encode(image.reshape(*input.shape[:-2], *size), input)


def blur_of(pixels: int, count: int) -> tuple[int, float]:
    """Return taps and standard deviation of the blur of an axis before it gets `count` pixels."""
    # A thousandth of a pixel is none: the axis stays as it is.
    deviation = max((pixels / count - 1) / 2, 0.001)
    return int(max(4 * deviation, 3)) // 2 * 2 + 1, deviation


def _smoothed(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Blur the axes that get fewer pixels."""
    (rows, down), (columns, across) = (blur_of(*axis) for axis in zip(image.shape[-2:], size, strict=True))
    return blurred(image, (rows, columns), (down, across), "reflect")
