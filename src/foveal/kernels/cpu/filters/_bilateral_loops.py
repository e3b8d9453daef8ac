# SPDX-License-Identifier: Apache-2.0
"""Bilateral blurs over tiles: their rows lie behind each other, border included, so that a pass is one vector loop.

A neighbour at a fixed offset is the same tile, shifted: for each offset some passes (`_bilateral_steps`) add what it
weighs. Passes run over the gaps between rows in vain.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import row_at, set_all
from foveal.kernels.cpu.filters._bilateral_steps import (
    add,
    add_times,
    differ,
    divide,
    three,
    weigh,
)
from foveal.kernels.cpu.filters._selection import surrounded

f32 = np.float32
# Pixels of a tile, and of its rows at most: sums, weights and three channels stay in the first-level cache.
TILE, ACROSS = 1024, 256


@compile_kernel(inline="always")
def tiling(across, width):
    """Return columns and rows of tiles, and the distance of their rows, for windows of so many columns."""
    pieces = (across + ACROSS - 1) // ACROSS
    columns = (across + pieces - 1) // pieces
    pitch = columns + width - 1
    return columns, max(1, TILE // pitch), pitch


@compile_kernel(**BARE)
def load(planes, top, count, left, size, lead, rows, columns, pitch, outside, tiles):
    """Copy a part of the surrounded channels of an image into tiles, one per channel."""
    for c in range(planes.shape[0]):
        tile = tiles[c]
        for i in range(count):
            row = row_at(planes[c], rows[top + i], outside)
            surrounded(row, left, lead, columns, tile[i * pitch : i * pitch + size])


@compile_kernel
def blur(start, stop, image, guide, joint, result, totals, rows, columns, places, scales, l1):
    """Fill rows start to stop, counted through all images (B, C, H, W).

    `image` is what is averaged and `guide` what weights are taken from, `image` itself unless `joint`. `result` takes
    the means, (B, C, H, W), and `totals` the totals of the weights, (B, H, W); (B, 0, H, W) or (B, 0, W): not wanted.
    `rows` and `columns` say what the surrounded image shows (`sources`), `places` holds the logarithms to base 2 of the
    weights by place, (B, rows, columns) of the window, `scales` the factors of the squared distance, (B,).
    """
    across, deep, pitch = tiling(image.shape[3], places.shape[2])
    length = (deep + places.shape[1]) * pitch
    images = np.zeros((image.shape[1], length), f32)
    guides = np.zeros((guide.shape[1], length), f32) if joint else images
    sums = np.zeros((3 + result.shape[1], deep * pitch), f32)
    outside = np.zeros(image.shape[3], f32)
    _blur(
        start, stop, image, guide, joint, result, totals, rows, columns, places, scales, l1,
        across, deep, pitch, images, guides, sums, outside,
    )  # fmt: skip


@compile_kernel(**BARE)
def _blur(
    start, stop, image, guide, joint, result, totals, rows, columns, places, scales, l1,
    across, deep, pitch, images, guides, sums, outside,
):  # fmt: skip
    size, line = image.shape[2], image.shape[3]
    height, width = places.shape[1], places.shape[2]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        for y in range(first, last, deep):
            count = min(deep, last - y)
            tall = count + height - 1
            for x in range(0, line, across):
                part = min(across, line - x)
                n = (count - 1) * pitch + part
                within = part + width - 1
                load(image[index], y, tall, x, within, width // 2, rows, columns, pitch, outside, images)
                if joint:
                    load(guide[index], y, tall, x, within, width // 2, rows, columns, pitch, outside, guides)
                average(images, guides, joint, places[index], scales[index], l1, pitch, n, sums)
                for i in range(count):
                    total = sums[2, i * pitch : i * pitch + part]
                    for c in range(result.shape[1]):
                        divide(sums[3 + c, i * pitch : i * pitch + part], total, result[index, c, y + i, x : x + part])
                    if totals.shape[1] > 0:
                        set_all(totals[index, y + i, x : x + part], f32(0))
                        add(total, totals[index, y + i, x : x + part])


@compile_kernel(**BARE)
def average(images, guides, joint, places, scale, l1, pitch, n, sums):
    """Sum up weights (row 2 of `sums`) and channels times weights (the rows behind it); two rows are scratch."""
    height, width = places.shape
    for k in range(2, sums.shape[0]):
        set_all(sums[k, 0:n], f32(0))
    d, weights, total = sums[0, 0:n], sums[1, 0:n], sums[2, 0:n]
    middle = height // 2 * pitch + width // 2
    fused = not joint and images.shape[0] == 3 and sums.shape[0] == 6
    for i in range(height):
        for j in range(width):
            shift, place = i * pitch + j, places[i, j]
            if fused:
                three(
                    images[0, shift : shift + n], images[1, shift : shift + n], images[2, shift : shift + n],
                    images[0, middle : middle + n], images[1, middle : middle + n], images[2, middle : middle + n],
                    l1, scale, place, total, sums[3, 0:n], sums[4, 0:n], sums[5, 0:n],
                )  # fmt: skip
                continue
            set_all(d, f32(0))
            for c in range(guides.shape[0]):
                differ(guides[c, shift : shift + n], guides[c, middle : middle + n], l1, d)
            weigh(d, l1, scale, place, weights)
            add(weights, total)
            for c in range(sums.shape[0] - 3):
                add_times(weights, images[c, shift : shift + n], sums[3 + c, 0:n])
