# SPDX-License-Identifier: Apache-2.0
"""Pools that blur before they subsample, and a blur that stops at edges."""

import math
import warnings
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import max_pool2d

from foveal._border import pad
from foveal._check import check_floating, check_positive, check_shape, check_size
from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import pair


@op
def blur_pool2d(
    input: Float[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | list[int] | int,
    stride: int = 2,
) -> Float[Tensor, "batch channels rows columns"]:
    """Blur maps by a binomial filter and keep every `stride`-th pixel, so that a shift by one pixel changes little.

    Args:
        input: maps, (B, C, H, W).
        kernel_size: side of the square filter in pixels; or twice the side.
        stride: pixels from one that is kept to the next, down and along.

    Returns:
        Maps, (B, C, ceil(H / stride), ceil(W / stride)), the first of them over pixel (0, 0).

    Raises:
        TypeError: `input` is not a floating-point tensor.
        ValueError: a wrong shape, a filter that is not square, or a number that is not positive.

    Convention: zeros lie outside, so that a constant map gets darker at the border; an even filter reaches one pixel
    further down and to the right.

    >>> blur_pool2d(torch.eye(5).view(1, 1, 5, 5), 3)
    tensor([[[[0.3125, 0.0625, 0.0000],
              [0.0625, 0.3750, 0.0625],
              [0.0000, 0.0625, 0.3125]]]])

    Source: Zhang 2019, "Making convolutional networks shift-invariant again", section 3.
    """
    check_maps(input)
    side = side_of(kernel_size)
    check_size((stride,), "stride", 1)
    before, after = (side - 1) // 2, side // 2
    return binomial(pad(input, (before, after, before, after), "constant"), side, stride)


@op
def max_blur_pool2d(
    input: Float[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | list[int] | int,
    stride: int = 2,
    max_pool_size: int = 2,
    ceil_mode: bool | None = None,
) -> Float[Tensor, "batch channels rows columns"]:
    """Take the largest pixel of each window, window by window without a gap, then `blur_pool2d`.

    Args:
        input: maps, (B, C, H, W).
        kernel_size: side of the square filter in pixels; or twice the side.
        stride: pixels from one that is kept to the next.
        max_pool_size: side of the square window in pixels.
        ceil_mode: has no effect; deprecated.

    Returns:
        Maps, (B, C, ceil((H - max_pool_size + 1) / stride), ...).

    Raises:
        TypeError: `input` is not a floating-point tensor.
        ValueError: as `blur_pool2d`, or the window is larger than the maps.

    >>> max_blur_pool2d(torch.eye(5).view(1, 1, 5, 5), 3)
    tensor([[[[0.5625, 0.3125],
              [0.3125, 0.8750]]]])

    Source: Zhang 2019, section 3.2.
    """
    check_maps(input)
    side_of(kernel_size)
    check_size((stride,), "stride", 1)
    check_size((max_pool_size,), "max_pool_size", 1)
    if max_pool_size > min(input.shape[-2:]):
        raise ValueError(
            f"max_pool_size must be at most the size of the maps {tuple(input.shape)}, got {max_pool_size}"
        )
    if ceil_mode is not None:
        warnings.warn("ceil_mode has no effect", DeprecationWarning, stacklevel=2)
    return blur_pool2d.reference(max_pool2d(input, max_pool_size, stride=1), kernel_size, stride)


@op
def edge_aware_blur_pool2d(
    input: Float[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | list[int] | int,
    edge_threshold: float = 1.25,
    edge_dilation_kernel_size: int = 3,
    epsilon: float = 1e-6,
) -> Float[Tensor, "batch channels height width"]:
    """Blur images by a binomial filter where they have no edges, and leave them as they are where they have.

    Args:
        input: positive images, (B, C, H, W).
        kernel_size: side of the square filter in pixels; or twice the side.
        edge_threshold: ratio of intensities, above 1, over 4 pixels down or along that makes the middle one an edge;
            the mean over channels of the logarithms counts.
        edge_dilation_kernel_size: side in pixels of the square by which edges are widened, odd.
        epsilon: is added to intensities before their logarithm.

    Returns:
        Images, (B, C, H, W); nothing is subsampled. No gradient flows through the choice of edges.

    Raises:
        TypeError: `input` is not a floating-point tensor.
        ValueError: a wrong shape, or a number out of range.

    Convention: the image is reflected at its border, without the outermost pixel.

    >>> edge_aware_blur_pool2d(torch.tensor([[[[1.0, 1.1, 1.0, 1.0, 1.0, 9.0, 9.0]]]]), 3)
    tensor([[[[1.0500, 1.0500, 1.0000, 1.0000, 1.0000, 9.0000, 9.0000]]]])
    """
    check_maps(input)
    side = side_of(kernel_size)
    if not edge_threshold > 1:
        raise ValueError(f"edge_threshold must be greater than 1, got {edge_threshold}")
    widening, _ = pair(edge_dilation_kernel_size, "edge_dilation_kernel_size", odd=True)
    check_positive(epsilon, "epsilon")
    if input.numel() == 0:
        return input.clone()
    edges = edges_of(input.detach(), edge_threshold, epsilon)
    edges = max_pool2d(edges.to(input.dtype), widening, stride=1, padding=widening // 2) > 0
    before, after = (side - 1) // 2, side // 2
    blurred = binomial(pad(input, (before, after, before, after), "reflect"), side, 1)
    return torch.where(edges, input, blurred)


class BlurPool2D(module(blur_pool2d)): ...


class MaxBlurPool2D(module(max_blur_pool2d)): ...


class EdgeAwareBlurPool2D(module(edge_aware_blur_pool2d, keywords=("epsilon",))): ...


def check_maps(input: object) -> None:
    """Raise unless `input` is floating-point maps (B, C, H, W)."""
    check_floating(input, "input")
    check_shape(input, "input", "B", "C", "H", "W")


def side_of(kernel_size: Any) -> int:
    """Return the side of a square filter."""
    rows, columns = pair(kernel_size, "kernel_size")
    if rows != columns:
        raise ValueError(f"kernel_size must be square, got {kernel_size}")
    return rows


def binomial(padded: Tensor, side: int, stride: int) -> Tensor:
    """Filter maps down, then along, by a row of Pascal's triangle that sums to one, without a border."""
    rows, columns = ((size - side) // stride * stride + 1 for size in padded.shape[-2:])
    taps = binomial_taps(side)
    down = torch.zeros_like(padded[..., :rows:stride, :])
    for place, tap in enumerate(taps):
        down = down + tap * padded[..., place : place + rows : stride, :]
    along = torch.zeros_like(down[..., :columns:stride])
    for place, tap in enumerate(taps):
        along = along + tap * down[..., place : place + columns : stride]
    return along


def binomial_taps(side: int) -> list[float]:
    """Return a row of Pascal's triangle that sums to one."""
    return [math.comb(side - 1, place) / 2 ** (side - 1) for place in range(side)]


def edges_of(image: Tensor, edge_threshold: float, epsilon: float) -> Bool[Tensor, "batch 1 height width"]:
    """Say where intensities change by more than a factor over four pixels, in the mean of the channels' logarithms."""
    threshold = math.log2(edge_threshold)
    height, width = image.shape[-2:]
    wide = image.to(torch.promote_types(image.dtype, torch.float32))
    level = pad((wide + epsilon).log2().mean(dim=1, keepdim=True), (2, 2, 2, 2), "reflect")
    down = level[..., 4:, 2 : 2 + width] - level[..., :height, 2 : 2 + width]
    along = level[..., 2 : 2 + height, 4:] - level[..., 2 : 2 + height, :width]
    return (down.abs() > threshold) | (along.abs() > threshold)
