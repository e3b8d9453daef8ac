# SPDX-License-Identifier: Apache-2.0
"""Compiled loops that sample upright crops.

A branch between the slices of a row and its loop would make Numba count references, atomically, which costs more than
the row: what differs between crops is decided once per crop.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import LANES, load, place, splat, steps, store
from foveal.kernels.cpu._vector import mix as mix_vectors
from foveal.kernels.cpu.geometry.transform._crop_tables import (
    ADJACENT,
    COPIED,
    SCATTERED,
    SPARSE,
    call_ahead,
    mix,
    tabulate,
)

f32 = np.float32
u32 = np.uint32


@compile_kernel(**BARE)
def _copy(image, start, stop, first, down, down_table, result):
    """Fill rows `start` to `stop` of a crop, at least `LANES` wide, whose columns are pixels."""
    count = result.shape[2]
    for channel in range(result.shape[0]):
        plane = image[channel]
        for i in range(start, stop):
            call_ahead(plane, down, i, stop, first, first + count - 1)
            above, below, line = splat(down_table[0, i]), splat(down_table[1, i]), result[channel, i]
            top, bottom = plane[down[0, i]], plane[down[1, i]]
            for step in range(steps(line)):
                j = place(step, line)
                store(line, j, mix_vectors(load(top, first + j), above) + mix_vectors(load(bottom, first + j), below))


@compile_kernel(**BARE)
def _blend(image, start, stop, first, table, down, down_table, result):
    """Fill rows `start` to `stop` of a crop, at least `LANES` wide, whose columns lie between neighbours in order."""
    count = result.shape[2]
    low, high = table[0], table[1]
    for channel in range(result.shape[0]):
        plane = image[channel]
        for i in range(start, stop):
            call_ahead(plane, down, i, stop, first, first + count)
            above, below, line = splat(down_table[0, i]), splat(down_table[1, i]), result[channel, i]
            top, bottom = plane[down[0, i]], plane[down[1, i]]
            for step in range(steps(line)):
                j = place(step, line)
                left, right, k = load(low, j), load(high, j), first + j
                upper = mix_vectors(load(top, k), left) + mix_vectors(load(top, k + 1), right)
                lower = mix_vectors(load(bottom, k), left) + mix_vectors(load(bottom, k + 1), right)
                store(line, j, mix_vectors(upper, above) + mix_vectors(lower, below))


@compile_kernel
def _stretch(image, start, stop, first, span, index, table, down, down_table, scratch, result):
    """Fill rows `start` to `stop` of a crop that spans `span` columns of the image: mix down, then across."""
    near, far, low, high = index[0], index[1], table[0], table[1]
    mixed = scratch[:span]
    for channel in range(result.shape[0]):
        plane = image[channel]
        for i in range(start, stop):
            call_ahead(plane, down, i, stop, first, first + span - 1)
            above, below, line = down_table[0, i], down_table[1, i], result[channel, i]
            top, bottom = plane[down[0, i]][first : first + span], plane[down[1, i]][first : first + span]
            for j in range(span):
                mixed[j] = mix(top[j], above) + mix(bottom[j], below)
            for j in range(line.shape[0]):
                line[j] = mix(mixed[near[j]], low[j]) + mix(mixed[far[j]], high[j])


@compile_kernel
def _gather(image, start, stop, index, table, down, down_table, result):
    """Fill rows `start` to `stop` of any crop: the best way where few of the columns that it spans are wanted."""
    count = result.shape[2]
    near, far, low, high = index[0], index[1], table[0], table[1]
    for channel in range(result.shape[0]):
        plane = image[channel]
        for i in range(start, stop):
            above, below, line = down_table[0, i], down_table[1, i], result[channel, i]
            top, bottom = plane[down[0, i]], plane[down[1, i]]
            for j in range(count):
                upper = mix(top[near[j]], low[j]) + mix(top[far[j]], high[j])
                lower = mix(bottom[near[j]], low[j]) + mix(bottom[far[j]], high[j])
                line[j] = mix(upper, above) + mix(lower, below)


@compile_kernel
def sample_crops(start, stop, images, boxes, per_image, options, result):
    """Sample rows `start` to `stop` of all crops, counted through."""
    rows, columns = result.shape[2:]
    across, across_table = np.empty((2, columns), u32), np.empty((4, columns), f32)
    down, down_table = np.empty((2, rows), u32), np.empty((4, rows), f32)
    scratch = np.empty(images.shape[3], f32)
    for crop in range(start // rows, (stop - 1) // rows + 1):
        begin, end = max(start - crop * rows, 0), min(stop - crop * rows, rows)
        # One image may serve all crops (an expanded batch).
        image, filled = images[min(crop // per_image, images.shape[0] - 1)], result[crop]
        height, width = image.shape[1:]
        kind = tabulate(boxes[crop], width, height, options, across, across_table, down, down_table)
        if columns < LANES:
            kind = SCATTERED
        first = np.int64(across[0, 0])
        if kind == COPIED:
            _copy(image, begin, end, first, down, down_table, filled)
        elif kind == ADJACENT:
            _blend(image, begin, end, first, across_table, down, down_table, filled)
        if kind != SCATTERED:
            continue
        first = np.int64(across.min())
        span = np.int64(across.max()) + 1 - first
        if span <= SPARSE * columns:
            across -= u32(first)
            _stretch(image, begin, end, first, span, across, across_table, down, down_table, scratch, filled)
        else:
            _gather(image, begin, end, across, across_table, down, down_table, filled)
