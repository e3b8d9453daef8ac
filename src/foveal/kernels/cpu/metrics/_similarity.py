# SPDX-License-Identifier: Apache-2.0
"""One pass of structural similarity over strips of two images, and its adjoint.

Forward, rows of the images, their squares and products are blurred along themselves into a ring and summed down the
columns; the formula turns the moments into a row of the map, or into a sum (for one scale, `_index` does so faster).
Backward, the same pass makes the derivatives by the moments, which a second ring blurs in the same way.

Floor: both images are read, a map is written; backward, both and the gradient are read, and two gradients written.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty, is_streamed, scalar
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import LANES
from foveal.kernels.cpu.filters._layout import planes
from foveal.kernels.cpu.metrics._formulas import LOSS, MULTISCALE
from foveal.kernels.cpu.metrics._index import index
from foveal.kernels.cpu.metrics._lines import FOUR
from foveal.kernels.cpu.metrics._rings import adjoint_axis, forward_axis, gaussian_taps, means
from foveal.kernels.cpu.metrics._strips import backward, forward

f32 = np.float32
Array = np.ndarray[Any, Any]

# Columns of a strip at the most, and at the least: rings of wider ones leave the caches, and rows of narrower ones cost
# more beside their pixels.
WIDEST, NARROWEST = 256, 64
# For one scale, wider strips pay, for they overlap.
WIDEST_ALONE = 1024
# Pixels of a strip in segments are a multiple of this.
SEGMENTED = FOUR * LANES
# Strips that all threads share, if they can be had.
SHARED = 8
# A pixel takes so much longer than `parallel_for` counts on.
TOIL = 8


def accepts_pair(img1: Any, img2: Any) -> bool:
    """Say whether these are float32 images of one shape that are not empty."""
    return (
        isinstance(img1, Tensor)
        and isinstance(img2, Tensor)
        and img1.dtype is img2.dtype is torch.float32
        and img1.ndim == 4
        and img1.shape == img2.shape
        and img1.numel() > 0
    )


def compare(
    kind: int, img1: Tensor, img2: Tensor, window_size: int, sigma: float, constants: tuple[float, ...], padding: str,
    reduction: str,
) -> Tensor:  # fmt: skip
    """Compute the map of one scale of images (B, C, H, W), or reduce it.

    Args:
        kind: INDEX or LOSS.
        img1: images.
        img2: images of the same shape.
        window_size: taps of the window.
        sigma: standard deviation of the window.
        constants: c1, c2 and eps.
        padding: "same" (reflected) or "valid".
        reduction: "none", "mean" or "sum".
    """
    batch, channels, *sizes = img1.shape
    taps = gaussian_taps(window_size, (sigma,))
    start, count = int(taps.starts[0]), int(taps.counts[0])
    axes = [forward_axis(size, window_size, padding) for size in sizes]
    height, width = (axis.last.size for axis in axes)
    around = [axis.around[start : axis.around.size - start] for axis in axes]
    strip = _strip(width, batch * channels, WIDEST_ALONE)
    return _reduce(
        index, (batch, channels, height, width), reduction, strip,
        kind == LOSS, *_planes(img1, img2), *around, axes[1].reach - start, taps.weights[0, start : start + count],
        np.array(constants, f32), strip, -(-strip // SEGMENTED) * FOUR, tail=((0,) * count,),
    )  # fmt: skip


def compare_scales(
    img1: Tensor, img2: Tensor, window_size: int, sigmas: Sequence[float], constants: tuple[float, ...], border: str,
    reduction: str,
) -> Tensor:  # fmt: skip
    """Compute the map of the loss of several scales, summed over the channels, or reduce it.

    Args:
        img1: images.
        img2: images of the same shape.
        window_size: taps of the windows.
        sigmas: standard deviations of the windows, one for each scale.
        constants: c1, c2 and what else the formula takes.
        border: "same" (reflected), "valid" or "zero".
        reduction: "none", "mean" or "sum".
    """
    batch, channels, *sizes = img1.shape
    rows, columns = (forward_axis(size, window_size, border) for size in sizes)
    strip = _strip(columns.last.size, batch, WIDEST)
    return _reduce(
        forward, (batch, rows.last.size, columns.last.size), reduction, strip,
        *_planes(img1, img2), *_offsets(border, window_size, img1, img2),
        rows.slots, rows.last, columns.around, columns.reach, columns.last.size,
        *gaussian_taps(window_size, sigmas), np.array(constants, f32), channels, strip, _capacity(strip),
    )  # fmt: skip


def _reduce(
    loop: Any, shape: tuple[int, ...], reduction: str, strip: int, *arguments: Any, tail: tuple[Any, ...] = ()
) -> Tensor:
    """Run a loop over strips that fills a map of a shape, or sums it up."""
    mapped = reduction == "none"
    result = empty(*shape) if mapped else empty(1, 1, 1)
    totals = np.zeros(math.prod(shape[:-2]) * -(-shape[-1] // strip), np.float64)
    parallel_for(
        loop, totals.size, *arguments, _rows(result), mapped, is_streamed(result.numpy()), totals, *tail,
        work=TOIL * math.prod(shape),
    )  # fmt: skip
    if mapped:
        return result
    total = totals.sum() / (math.prod(shape) if reduction == "mean" else 1)
    return scalar(total)


def pull_back(
    kind: int, needs: tuple[bool, ...], gradient: Tensor, img1: Tensor, img2: Tensor, window_size: int,
    sigmas: Sequence[float], constants: tuple[float, ...], border: str, reduction: str,
) -> tuple[Tensor | None, Tensor | None]:  # fmt: skip
    """Return the gradients to both images from that to the result of `run`, those that are needed."""
    batch, channels, height, width = img1.shape
    ahead = [forward_axis(size, window_size, border) for size in (height, width)]
    back = [adjoint_axis(size, window_size, border) for size in (height, width)]
    sizes = [axis.last.size for axis in ahead]
    group, maps = (channels, batch) if kind == MULTISCALE else (1, batch * channels)
    if reduction == "mean":
        gradient = gradient / (maps * sizes[0] * sizes[1])
    gradient = gradient.expand(maps, 1, *sizes) if reduction != "none" else gradient.reshape(maps, 1, *sizes)
    margin = 2 * (window_size // 2)
    strip = _strip(width, maps, WIDEST_ALONE if len(sigmas) == 1 else WIDEST, margin)
    results = [empty(*img1.shape) if need else empty(0, 0, 0, 0) for need in needs[:2]]
    parallel_for(
        backward, maps * -(-width // strip), kind, *_planes(img1, img2),
        *_offsets(border, window_size, img1, img2), *planes(gradient),
        ahead[0].slots, ahead[0].last, ahead[1].around, ahead[1].reach,
        back[0].slots, back[0].last, back[1].around, back[1].reach,
        *sizes, border == "same", *gaussian_taps(window_size, sigmas), np.array(constants, f32), group, strip,
        _capacity(min(sizes[1], strip + margin)), _capacity(strip), *map(_rows, results),
        work=2 * TOIL * img1.numel(),
    )  # fmt: skip
    return results[0] if needs[0] else None, results[1] if needs[1] else None


def _planes(*images: Tensor) -> list[Array]:
    return [_rows(image) for image in images]


def _rows(image: Tensor) -> Array:
    return as_array(image).reshape(-1, *image.shape[-2:]) if image.numel() else np.empty((0, 0, 0), f32)


def _offsets(border: str, window_size: int, *images: Tensor) -> list[Array]:
    """Return about the mean of each plane, with its border."""
    height, width = images[0].shape[2:]
    margin = window_size - 1 if border == "zero" else 0
    share = height * width / ((height + margin) * (width + margin))
    offsets = []
    for image in images:
        rows = _rows(image)
        offsets.append(np.empty(rows.shape[0], f32))
        means(0, rows.shape[0], rows, f32(share), offsets[-1])
    return offsets


def _strip(width: int, maps: int, widest: int, margin: int = 0) -> int:
    """Return the width of the strips of so many maps."""
    wanted = -(-SHARED // maps)
    strip = -(-width // wanted)
    if strip > widest:
        strip = widest - margin & -16
    return min(max(strip + 15 & -16, NARROWEST), width)


def _capacity(size: int) -> int:
    """Round up to what the loops over taps take whole."""
    unit = 16 if size <= 64 else 128
    return -(-size // unit) * unit
