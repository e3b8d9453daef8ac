# SPDX-License-Identifier: Apache-2.0
"""Gaussian windows that run down strips of two images: rings of rows, blurred along themselves, summed down columns.

A strip is so narrow that its rings stay in the caches, and no map of a moment ever exists. A row of `kinds` maps lies
as `kinds` segments in a flat array; a ring holds the last T of them for each scale, and one for what lies outside.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import lanes, load, place, prefetch, splat, steps, store
from foveal.kernels.cpu.filters._combine import combine

f32 = np.float32
Array = np.ndarray[Any, Any]

# Taps that are this small beside the largest do not reach float32's digits.
NEGLIGIBLE = 1e-10


class Taps(NamedTuple):
    """Gaussians of several scales in windows of one size."""

    weights: Array
    """(scales, T)"""
    starts: Array
    """The first tap that counts, for each scale."""
    counts: Array
    """How many taps count, for each scale."""
    offsets: Array
    """0, 1, ..., T - 1: the steps of the taps along a row."""


def gaussian_taps(window_size: int, sigmas: Sequence[float]) -> Taps:
    """Sample Gaussians."""
    offsets = np.arange(window_size) - window_size // 2
    weights = np.exp(-0.5 * (offsets / np.array(sigmas, np.float64)[:, None]) ** 2)
    counts = (weights > NEGLIGIBLE).sum(axis=1)
    weights /= weights.sum(axis=1, keepdims=True)
    starts = (window_size - counts) // 2
    return Taps(weights.astype(f32), starts.astype(np.int64), counts.astype(np.int64), np.arange(window_size))


@compile_kernel
def zeros(count):
    """Return zeros that begin with a cache line: vectors that lie across two take twice as long."""
    row = np.zeros(count + 16, f32)
    begin = (16 - (row.ctypes.data // 4) % 16) % 16
    return row[begin : begin + count]


@compile_kernel(**BARE)
def mean_of(image, begin, end):
    """Return about the mean of some columns of an image, from one row of eight, or 0 where that is no number."""
    total = f32(0)
    for y in range(0, image.shape[0], 8):
        row, part = image[y, begin:end], f32(0)
        for x in range(row.shape[0]):
            part += row[x]
        total += part
    mean = total / f32((image.shape[0] + 7) // 8 * (end - begin))
    return mean if np.isfinite(mean) else f32(0)


@compile_kernel(**BARE)
def means(start, stop, images, factor, result):
    """Write `factor` times about the mean of every image: any number near will do, where a pixel is no number."""
    for number in range(start, stop):
        result[number] = factor * mean_of(images[number], 0, images.shape[2])


class Axis(NamedTuple):
    """How a blur goes along one axis: result o is made of what `around[o : o + T]` names."""

    around: Array
    """The source of every place of the surrounded axis; -1 is none."""
    reach: int
    """Places before the first source."""
    last: Array
    """The last source of every result."""
    slots: Array
    """The row of the ring for every place."""


def forward_axis(size: int, window_size: int, border: str) -> Axis:
    """Lay out the blur; the border is "same" (reflected), "valid" or "zero"."""
    reach = 0 if border == "valid" else window_size // 2
    return _axis(sources(size, reach, reach, "reflect" if border == "same" else "constant"), reach, window_size)


def adjoint_axis(size: int, window_size: int, border: str) -> Axis:
    """Lay out the adjoint of the blur, which is a blur.

    For zeros outside it is the same one; for "valid" it has zeros outside; with a reflection it is the same if what is
    blurred has its two ends doubled, and what comes out halved.
    """
    if border == "valid":
        reach = 2 * (window_size // 2)
        return _axis(sources(size - reach, reach, reach, "constant"), reach, window_size)
    return forward_axis(size, window_size, border)


def _axis(around: Array, reach: int, window_size: int) -> Axis:
    windows = np.lib.stride_tricks.sliding_window_view(around.astype(np.int64), window_size)
    slots = np.where(around >= 0, around % window_size, window_size).astype(np.int64)
    return Axis(around.astype(np.int64), reach, np.ascontiguousarray(windows.max(axis=1)), slots)


@compile_kernel(**BARE)
def fetch(image, row, begin, count):
    """Bring a part of a row near: the hardware guesses the next line of memory, not that of the next row."""
    if row < image.shape[0]:
        pixels = image[row]
        for x in range(begin, min(begin + count, pixels.shape[0]), 16):
            prefetch(pixels, x)


@compile_kernel(**BARE)
def surround(row, columns, begin, lead, stop, count, outside):
    """Fill the places around lead, ..., stop - 1, which hold sources that follow each other, among them all needed."""
    shift = lead - columns[begin + lead]
    for j in range(lead):
        source = columns[begin + j]
        row[j] = row[source + shift] if source >= 0 else outside
    for j in range(stop, count):
        source = columns[begin + j]
        row[j] = row[source + shift] if source >= 0 else outside


@compile_kernel(**BARE)
def _load_inside(first, second, offset1, offset2, x, y, squares, products):
    if x.shape[0] >= lanes(x):
        vector1, vector2 = splat(offset1), splat(offset2)
        for step in range(steps(x)):
            j = place(step, x)
            a, b = load(first, j) - vector1, load(second, j) - vector2
            store(x, j, a)
            store(y, j, b)
            store(squares, j, a * a + b * b)
            store(products, j, a * b)
    else:
        for j in range(x.shape[0]):
            a, b = first[j] - offset1, second[j] - offset2
            x[j], y[j] = a, b
            squares[j] = a * a + b * b
            products[j] = a * b


@compile_kernel(**BARE)
def _differ(first, second, result):
    for j in range(result.shape[0]):
        result[j] = np.abs(first[j] - second[j])


@compile_kernel(**BARE)
def load_row(first, second, offset1, offset2, columns, begin, reach, count, kinds, rows, step):
    """Write a surrounded row of both images less their offsets, of its squares and products, and of the difference."""
    lead, stop = max(0, reach - begin), min(count, first.shape[0] + reach - begin)
    left, right = begin + lead - reach, begin + stop - reach
    _load_inside(
        first[left:right], second[left:right], offset1, offset2, rows[lead:stop], rows[step + lead : step + stop],
        rows[2 * step + lead : 2 * step + stop], rows[3 * step + lead : 3 * step + stop],
    )  # fmt: skip
    if kinds > 4:
        _differ(first[left:right], second[left:right], rows[4 * step + lead : 4 * step + stop])
    if lead > 0 or stop < count:
        surround(rows, columns, begin, lead, stop, count, -offset1)
        surround(rows[step:], columns, begin, lead, stop, count, -offset2)
        squares = offset1 * offset1 + offset2 * offset2
        surround(rows[2 * step :], columns, begin, lead, stop, count, squares)
        surround(rows[3 * step :], columns, begin, lead, stop, count, offset1 * offset2)
        if kinds > 4:
            surround(rows[4 * step :], columns, begin, lead, stop, count, f32(0))


@compile_kernel(**BARE)
def load_outside(offset1, offset2, kinds, ring, scales, slots, size):
    """Write the rows of a ring that stand for zeros outside the images."""
    for scale in range(scales):
        first = (scale * slots + slots - 1) * kinds * size
        for j in range(first, first + size):
            ring[j] = -offset1
            ring[j + size] = -offset2
            ring[j + 2 * size] = offset1 * offset1 + offset2 * offset2
            ring[j + 3 * size] = offset1 * offset2


@compile_kernel(**BARE)
def push(rows, step, scale_step, kinds, weights, starts, counts, offsets, ring, slot, size):
    """Blur a row of maps along itself into a ring; the fifth map is for the last scale alone."""
    scales, slots = weights.shape[0], weights.shape[1] + 1
    for scale in range(scales):
        start = starts[scale]
        taps = weights[scale, start:]
        maps = kinds if scale == scales - 1 else 4
        first = (scale * slots + slot) * kinds * size
        for kind in range(maps):
            source = rows[scale * scale_step + kind * step + start :]
            combine(source, offsets, taps, counts[scale], rows, 0, f32(0), ring, first + kind * size, size)


@compile_kernel(**BARE)
def pull(ring, slots, row, kinds, weights, starts, counts, places, size, target, target_step, kept):
    """Sum rows of a ring to one row of the result at each scale, and add `kept` times what is in the target."""
    scales, held = weights.shape[0], weights.shape[1] + 1
    for scale in range(scales):
        start = starts[scale]
        for tap in range(counts[scale]):
            places[tap] = (scale * held + slots[row + start + tap]) * kinds * size
        width = (kinds if scale == scales - 1 else 4) * size
        first = scale * target_step
        combine(ring, places, weights[scale, start:], counts[scale], target, first, kept, target, first, width)
