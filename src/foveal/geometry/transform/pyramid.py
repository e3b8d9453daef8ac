# SPDX-License-Identifier: Apache-2.0
"""Image pyramids: one level down or up, and all levels."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from foveal._border import pad
from foveal._check import check_count, check_floating, check_positive
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.filters._correlate import check_border, correlate, encode, widen
from foveal.geometry.transform.resize import check_images

BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


@op
def pyrdown(
    input: Pixels[Tensor, "batch channels height width"],
    border_type: str = "reflect",
    align_corners: bool = False,
    factor: float = 2.0,
) -> Pixels[Tensor, "batch channels rows columns"]:
    """Blur images and make them smaller: the next level of a Gaussian pyramid.

    Args:
        input: images, (B, C, H, W); bytes give bytes, rounded.
        border_type: what the blur sees outside: "constant" (zeros), "reflect", "replicate" or "circular".
        align_corners: map the centres of the corner pixels on each other, else their outer edges.
        factor: pixels of a side over those of the result.

    Returns:
        Images, (B, C, int(H / factor), int(W / factor)).

    Raises:
        TypeError: `input` holds neither floats nor bytes.
        ValueError: `input` is not (B, C, H, W), an unknown border, or a factor that leaves no pixel.

    Convention: the binomial blur of five taps, then bilinear interpolation between the blurred pixels; `cv2.pyrDown`
    takes every second one.

    >>> pyrdown(torch.arange(16.0).view(1, 1, 4, 4))
    tensor([[[[ 4.6875,  5.8125],
              [ 9.1875, 10.3125]]]])

    Source: Burt and Adelson, The Laplacian pyramid as a compact image code, 1983.
    """
    size = _check_down(input, border_type, factor)
    if input.numel() == 0:
        return input.reshape(-1)[:0].reshape(*input.shape[:2], *size)
    blurred = _blurred(widen(input), border_type)
    return encode(functional.interpolate(blurred, size, mode="bilinear", align_corners=align_corners), input)


class PyrDown(module(pyrdown)): ...


@op
def pyrup(
    input: Pixels[Tensor, "batch channels height width"], border_type: str = "reflect", align_corners: bool = False
) -> Pixels[Tensor, "batch channels rows columns"]:
    """Make images twice as large and blur them.

    Args:
        input: images, (B, C, H, W); bytes give bytes, rounded.
        border_type: what the blur sees outside the large image, as in `pyrdown`.
        align_corners: as in `pyrdown`.

    Returns:
        Images, (B, C, 2 H, 2 W).

    Raises:
        TypeError: `input` holds neither floats nor bytes.
        ValueError: `input` is not (B, C, H, W) or has no pixels, or an unknown border.

    Convention: bilinear interpolation, then the binomial blur of five taps; `cv2.pyrUp` interpolates by the blur alone.

    >>> pyrup(torch.tensor([[[[0.0, 8.0]]]]), "replicate")
    tensor([[[[0.8750, 2.7500, 5.2500, 7.1250],
              [0.8750, 2.7500, 5.2500, 7.1250]]]])

    Source: Burt and Adelson, The Laplacian pyramid as a compact image code, 1983.
    """
    check_images(input, "B", "C", "H", "W")
    check_border(border_type)
    size = (2 * input.shape[2], 2 * input.shape[3])
    if input.numel() == 0:
        return input.reshape(-1)[:0].reshape(*input.shape[:2], *size)
    large = functional.interpolate(widen(input), size, mode="bilinear", align_corners=align_corners)
    return encode(_blurred(large, border_type), input)


class PyrUp(module(pyrup)): ...


@op
def build_pyramid(
    input: Pixels[Tensor, "batch channels height width"],
    max_level: int,
    border_type: str = "reflect",
    align_corners: bool = False,
) -> list[Tensor]:
    """Return the levels of a Gaussian pyramid, each half as large as the one before.

    Args:
        input: images, (B, C, H, W); bytes give bytes.
        max_level: number of levels, the input included.
        border_type: as in `pyrdown`.
        align_corners: as in `pyrdown`.

    Returns:
        The input, and what `pyrdown` makes of each level: (B, C, H, W), (B, C, H // 2, W // 2), ...

    Raises:
        TypeError: `input` holds neither floats nor bytes, or `max_level` is no integer.
        ValueError: as in `pyrdown`, or fewer than one level.

    >>> [tuple(level.shape) for level in build_pyramid(torch.zeros(1, 1, 8, 12), 3)]
    [(1, 1, 8, 12), (1, 1, 4, 6), (1, 1, 2, 3)]
    """
    check_images(input, "B", "C", "H", "W")
    _check_levels(max_level)
    check_border(border_type)
    levels = [input]
    for _ in range(max_level - 1):
        levels.append(pyrdown(levels[-1], border_type, align_corners))
    return levels


@op
def build_laplacian_pyramid(
    input: Float[Tensor, "batch channels height width"],
    max_level: int,
    border_type: str = "reflect",
    align_corners: bool = False,
) -> list[Tensor]:
    """Return what each level of a Gaussian pyramid has and the next one lacks, and the last level as it is.

    Args:
        input: images, (B, C, H, W).
        max_level: number of levels.
        border_type: as in `pyrdown`.
        align_corners: as in `pyrdown`.

    Returns:
        Each level less `pyrup` of the next one, and the last level, of the sizes of `build_pyramid`.

    Raises:
        TypeError: `input` is not a floating-point tensor, or `max_level` is no integer.
        ValueError: as in `pyrdown`, or fewer than one level.

    Convention: images whose levels would not halve evenly, or of which no side is a power of two, are first continued
    to the right and downwards, by reflection, to powers of two.

    >>> [tuple(level.shape) for level in build_laplacian_pyramid(torch.zeros(1, 1, 8, 13), 3)]
    [(1, 1, 8, 16), (1, 1, 4, 8), (1, 1, 2, 4)]

    Source: Burt and Adelson, The Laplacian pyramid as a compact image code, 1983.
    """
    check_floating(input, "input")
    check_images(input, "B", "C", "H", "W")
    _check_levels(max_level)
    check_border(border_type)
    height, width = input.shape[2:]
    rows, columns = (1 << max(side - 1, 0).bit_length() for side in (height, width))
    uneven = any(side % 2 ** (max_level - 1) for side in (height, width))
    if input.numel() > 0 and (uneven or (rows != height and columns != width)):
        input = pad(input, (0, columns - width, 0, rows - height), "reflect")
    levels = build_pyramid(input, max_level, border_type, align_corners)
    bands = [level - pyrup(smaller, border_type, align_corners) for level, smaller in pairwise(levels)]
    return [*bands, levels[-1]]


def _check_down(input: Tensor, border_type: str, factor: float) -> tuple[int, int]:
    """Check the arguments of `pyrdown` and return rows and columns of its result."""
    check_images(input, "B", "C", "H", "W")
    check_border(border_type)
    if factor is None or isinstance(factor, Tensor):
        raise TypeError(f"factor must be a number, got {type(factor).__name__}")
    check_positive(factor, "factor")
    size = (int(input.shape[2] / factor), int(input.shape[3] / factor))
    if 0 in size:
        raise ValueError(f"factor must leave at least one pixel of {tuple(input.shape[2:])}, got {factor}")
    return size


def _check_levels(max_level: int) -> None:
    check_count(max_level, "max_level")
    if max_level < 1:
        raise ValueError(f"max_level must be at least 1, got {max_level}")


def _blurred(image: Tensor, border_type: str) -> Tensor:
    """Return images blurred along both axes."""
    taps = torch.tensor([BINOMIAL], dtype=image.dtype, device=image.device)
    return correlate(correlate(image, taps.unsqueeze(1), border_type), taps.unsqueeze(2), border_type)
