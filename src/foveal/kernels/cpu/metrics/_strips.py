# SPDX-License-Identifier: Apache-2.0
"""The loops of structural similarity: forward and backward down the strips of two images."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import copy
from foveal.kernels.cpu._vector import LANES, load, stream
from foveal.kernels.cpu.metrics._formulas import MULTISCALE, gather, slopes, values
from foveal.kernels.cpu.metrics._rings import fetch, load_outside, load_row, pull, push, surround, zeros

f32 = np.float32

# Rows that are fetched before they are needed.
AHEAD = 4


@compile_kernel
def forward(
    start, stop, first, second, offsets1, offsets2, slots, last, columns, reach, out_width, weights, starts,
    counts, steps, constants, group, strip, size, result, mapped, streamed, totals,
):  # fmt: skip
    scales, window = weights.shape
    kinds = 5
    step = size + window + 16
    _forward_rows(
        start, stop, first, second, offsets1, offsets2, slots, last, columns, reach, out_width, weights, starts,
        counts, steps, constants, group, strip, size, result, mapped, streamed, totals, kinds, step,
        zeros(kinds * step), zeros(scales * (window + 1) * kinds * size), np.empty(window, np.int64),
        zeros(scales * kinds * size), zeros(size),
    )  # fmt: skip


@compile_kernel(**BARE)
def _forward_rows(
    start, stop, first, second, offsets1, offsets2, slots, last, columns, reach, out_width, weights, starts,
    counts, steps, constants, group, strip, size, result, mapped, streamed, totals, kinds, step, rows, ring, places,
    moments, line,
):  # fmt: skip
    scales, window = weights.shape
    strips = (out_width + strip - 1) // strip
    for item in range(start, stop):
        number = item // strips
        begin = (item - number * strips) * strip
        count = min(strip, out_width - begin)
        total = 0.0
        for channel in range(group):
            plane = number * group + channel
            offset1, offset2 = offsets1[plane], offsets2[plane]
            load_outside(offset1, offset2, kinds, ring, scales, window + 1, size)
            made = 0
            for y in range(last.shape[0]):
                while made <= last[y]:
                    fetch(first[plane], made + AHEAD, begin, count)
                    fetch(second[plane], made + AHEAD, begin, count)
                    load_row(
                        first[plane, made], second[plane, made], offset1, offset2, columns, begin, reach,
                        count + window - 1, kinds, rows, step,
                    )  # fmt: skip
                    push(rows, step, 0, kinds, weights, starts, counts, steps, ring, made % window, size)
                    made += 1
                pull(
                    ring, slots, y, kinds, weights, starts, counts, places, size, moments, kinds * size, f32(0),
                )  # fmt: skip
                row = line[0:count]
                values(moments, scales, kinds * size, size, offset1, offset2, constants, row)
                if mapped and channel > 0:
                    _add(row, result[number, y, begin : begin + count])
                else:
                    total += put(row, result, number, y, begin, mapped, streamed)
        totals[item] = total


@compile_kernel(**BARE)
def put(row, result, number, y, begin, mapped, streamed):
    """Write a row to a map and return 0, or return its sum where there is no map."""
    if not mapped:
        return _sum(row)
    _copy(row, result[number, y, begin : begin + row.shape[0]], streamed)
    return f32(0)


@compile_kernel(**BARE)
def _sum(row):
    total = f32(0)
    for j in range(row.shape[0]):
        total += row[j]
    return total


@compile_kernel(**BARE)
def _copy(row, result, streamed):
    if streamed and result.shape[0] % LANES == 0:
        for j in range(0, result.shape[0], LANES):
            stream(result, j, load(row, j))
    else:
        copy(row, result)


@compile_kernel(**BARE)
def _add(row, result):
    for j in range(result.shape[0]):
        result[j] += row[j]


@compile_kernel
def backward(
    start, stop, kind, first, second, offsets1, offsets2, gradient, plane_step, row_step, slots, last, columns, reach,
    slots_back, last_back, columns_back, reach_back, out_height, out_width, folds, weights, starts, counts, steps,
    constants, group, strip, size, size_back, result1, result2,
):  # fmt: skip
    scales, window = weights.shape
    kinds = 5 if kind == MULTISCALE else 4
    step, step_back = size + window + 16, size_back + 2 * window + 16
    _backward_rows(
        start, stop, kind, first, second, offsets1, offsets2, gradient, plane_step, row_step, slots, last, columns,
        reach, slots_back, last_back, columns_back, reach_back, out_height, out_width, folds, weights, starts, counts,
        steps, constants, group, strip, size, size_back, result1, result2, kinds, step, step_back,
        zeros(kinds * step), zeros(scales * (window + 1) * kinds * size), np.empty(window, np.int64),
        zeros(scales * kinds * size), zeros(scales * kinds * step_back),
        zeros(scales * (window + 1) * kinds * size_back), zeros(kinds * size_back),
        np.empty((2 * scales + 2, size), f32),
    )  # fmt: skip


@compile_kernel(**BARE)
def _backward_rows(
    start, stop, kind, first, second, offsets1, offsets2, gradient, plane_step, row_step, slots, last, columns, reach,
    slots_back, last_back, columns_back, reach_back, out_height, out_width, folds, weights, starts, counts, steps,
    constants, group, strip, size, size_back, result1, result2, kinds, step, step_back, rows, ring, places, moments,
    derivatives, ring_back, blurred, terms,
):  # fmt: skip
    scales, window = weights.shape
    height, width = first.shape[1:]
    strips = (width + strip - 1) // strip
    for item in range(start, stop):
        number = item // strips
        begin = (item - number * strips) * strip
        count = min(strip, width - begin)
        # The columns of the map that the strip needs, and where they lie in a surrounded row of it.
        left, right = _needed(columns_back[begin : begin + count + window - 1])
        lead = left + reach_back - begin
        for channel in range(group):
            plane = number * group + channel
            offset1, offset2 = offsets1[plane], offsets2[plane]
            load_outside(offset1, offset2, kinds, ring, scales, window + 1, size)
            made, made_back = 0, 0
            for y in range(height):
                while made_back <= last_back[y]:
                    while made <= last[made_back]:
                        fetch(first[plane], made + AHEAD, left, right - left)
                        fetch(second[plane], made + AHEAD, left, right - left)
                        load_row(
                            first[plane, made], second[plane, made], offset1, offset2, columns, left, reach,
                            right - left + window - 1, kinds, rows, step,
                        )  # fmt: skip
                        push(rows, step, 0, kinds, weights, starts, counts, steps, ring, made % window, size)
                        made += 1
                    pull(
                        ring, slots, made_back, kinds, weights, starts, counts, places, size, moments, kinds * size,
                        f32(0),
                    )  # fmt: skip
                    place = number * plane_step + made_back * row_step + left
                    doubled = folds and height > 1 and (made_back == 0 or made_back == out_height - 1)
                    slopes(
                        kind, moments, scales, kinds * size, size, offset1, offset2, constants,
                        gradient[place : place + right - left], f32(2) if doubled else f32(1), terms, derivatives,
                        kinds * step_back, step_back, lead,
                    )  # fmt: skip
                    for k in range(scales * kinds):
                        row = derivatives[k * step_back : k * step_back + count + window - 1]
                        if folds and width > 1:
                            if left == 0:
                                row[lead] *= f32(2)
                            if right == out_width:
                                row[lead + right - left - 1] *= f32(2)
                        surround(row, columns_back, begin, lead, lead + right - left, count + window - 1, f32(0))
                    push(
                        derivatives, step_back, kinds * step_back, kinds, weights, starts, counts, steps, ring_back,
                        made_back % window, size_back,
                    )  # fmt: skip
                    made_back += 1
                for j in range(blurred.shape[0]):
                    blurred[j] = f32(0)
                pull(ring_back, slots_back, y, kinds, weights, starts, counts, places, size_back, blurred, 0, f32(1))
                by_first, by_second = blurred[0:size_back], blurred[size_back : 2 * size_back]
                by_squares = blurred[2 * size_back : 3 * size_back]
                by_products = blurred[3 * size_back : 4 * size_back]
                by_difference = blurred[4 * size_back :]
                halved = folds and height > 1 and (y == 0 or y == height - 1)
                factor = f32(0.5) if halved else f32(1)
                x1, x2 = first[plane, y, begin : begin + count], second[plane, y, begin : begin + count]
                if result1.shape[0] > 0:
                    found = result1[plane, y]
                    gather(
                        kind, x1, x2, offset1, offset2, by_first, by_squares, by_products, by_difference, factor,
                        found[begin : begin + count],
                    )  # fmt: skip
                    _halve(found, begin, count, folds)
                if result2.shape[0] > 0:
                    found = result2[plane, y]
                    gather(
                        kind, x2, x1, offset2, offset1, by_second, by_squares, by_products, by_difference, factor,
                        found[begin : begin + count],
                    )  # fmt: skip
                    _halve(found, begin, count, folds)


@compile_kernel(inline="always")
def _needed(columns):
    left, right = np.int64(1 << 40), np.int64(0)
    for j in range(columns.shape[0]):
        if columns[j] >= 0:
            left, right = min(left, columns[j]), max(right, columns[j] + 1)
    return left, right


@compile_kernel(inline="always")
def _halve(row, begin, count, folds):
    if folds and row.shape[0] > 1:
        if begin == 0:
            row[0] *= f32(0.5)
        if begin + count == row.shape[0]:
            row[row.shape[0] - 1] *= f32(0.5)
