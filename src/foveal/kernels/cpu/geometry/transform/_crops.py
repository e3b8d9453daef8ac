# SPDX-License-Identifier: Apache-2.0
"""Compiled loops that sample upright crops.

A branch between the slices of a row and its loop would make Numba count references, atomically, which costs more than
the row: what differs between crops is decided once per crop.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import LANES, load, place, prefetch, splat, steps, store
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
def _copy(image, later, start, stop, first, later_first, down, later_down, down_table, result):
    """Fill rows `start` to `stop` of a crop, at least `LANES` wide, whose columns are pixels."""
    for channel in range(result.shape[0]):
        plane, next_plane, filled = image[channel], later[channel], result[channel]
        count = steps(filled[0])
        for step in range(count):
            j = place(step, filled[0])
            k, ahead = first + j, later_first + j + LANES * (step == count - 1)
            upper = load(plane[down[0, start]], k)
            for i in range(start, stop):
                prefetch(next_plane[later_down[0, i]], ahead)
                lower = load(plane[down[1, i]], k)
                store(
                    filled[i],
                    j,
                    mix_vectors(upper, splat(down_table[0, i])) + mix_vectors(lower, splat(down_table[1, i])),
                )
                upper = lower


@compile_kernel(**BARE)
def _blend(image, later, start, stop, first, later_first, table, down, later_down, down_table, result):
    """Fill rows `start` to `stop` of a crop, at least `LANES` wide, whose columns lie between neighbours in order."""
    low, high = table[0], table[1]
    count = steps(low)
    for channel in range(result.shape[0]):
        plane, next_plane, filled = image[channel], later[channel], result[channel]
        for step in range(count):
            j = place(step, low)
            left, right = load(low, j), load(high, j)
            k, ahead = first + j, later_first + j + LANES * (step == count - 1)
            row = plane[down[0, start]]
            upper = mix_vectors(load(row, k), left) + mix_vectors(load(row, k + 1), right)
            for i in range(start, stop):
                prefetch(next_plane[later_down[0, i]], ahead)
                row = plane[down[1, i]]
                lower = mix_vectors(load(row, k), left) + mix_vectors(load(row, k + 1), right)
                store(
                    filled[i],
                    j,
                    mix_vectors(upper, splat(down_table[0, i])) + mix_vectors(lower, splat(down_table[1, i])),
                )
                upper = lower


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
def _is_chained(down):
    """Say whether the lower of the two pixels that each row mixes is the upper one of the next row."""
    apart = 0
    for i in range(down.shape[1] - 1):
        apart += np.int32(down[1, i] != down[0, i + 1])
    return apart == 0


@compile_kernel
def sample_crops(start, stop, images, boxes, per_image, options, result):
    """Sample rows `start` to `stop` of all crops, counted through."""
    rows, columns = result.shape[2:]
    height, width = images.shape[2:]
    # Two sets of tables: of a crop, and of the next one, whose pixels are called for while the first is filled.
    across_sets, across_tables = np.empty((2, 2, columns), u32), np.empty((2, 4, columns), f32)
    down_sets, down_tables = np.empty((2, 2, rows), u32), np.empty((2, 4, rows), f32)
    scratch = np.empty(images.shape[3], f32)
    crop, last_crop = start // rows, (stop - 1) // rows
    next_kind = tabulate(
        boxes[crop], width, height, options, across_sets[0], across_tables[0], down_sets[0], down_tables[0]
    )
    for number in range(last_crop + 1 - crop):
        here, there = number % 2, 1 - number % 2
        across, across_table, down, down_table = (
            across_sets[here],
            across_tables[here],
            down_sets[here],
            down_tables[here],
        )
        begin, end = max(start - crop * rows, 0), min(stop - crop * rows, rows)
        # One image may serve all crops (an expanded batch).
        image, filled = images[min(crop // per_image, images.shape[0] - 1)], result[crop]
        kind = next_kind if columns >= LANES and _is_chained(down) else SCATTERED
        crop = min(crop + 1, last_crop)
        next_kind = tabulate(
            boxes[crop], width, height, options,
            across_sets[there], across_tables[there], down_sets[there], down_tables[there],
        )  # fmt: skip
        later, later_down = images[min(crop // per_image, images.shape[0] - 1)], down_sets[there]
        first, later_first = np.int64(across[0, 0]), np.int64(across_sets[there, 0, 0])
        if kind == COPIED:
            _copy(image, later, begin, end, first, later_first, down, later_down, down_table, filled)
        elif kind == ADJACENT:
            _blend(image, later, begin, end, first, later_first, across_table, down, later_down, down_table, filled)
        else:
            first = np.int64(across.min())
            span = np.int64(across.max()) + 1 - first
            if span <= SPARSE * columns:
                across -= u32(first)
                _stretch(image, begin, end, first, span, across, across_table, down, down_table, scratch, filled)
            else:
                _gather(image, begin, end, across, across_table, down, down_table, filled)
