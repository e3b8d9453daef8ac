# SPDX-License-Identifier: Apache-2.0
"""The structural similarity of one scale: its map or its sum, from four moments of the sum and the difference.

With s = x + y and d = x - y, S and D their means in a window, V and W their variances,

    2 a b = (S^2 - D^2) / 2,  a^2 + b^2 = (S^2 + D^2) / 2,  4 covariance = V - W,  2 (variance + variance) = V + W:

four blurs make the index, and no moment of nearly equal images is the difference of large numbers. Rows of s and d lie
in segments (`_lines`) in a ring; four rows at once are blurred down the columns, then along themselves.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import LANES, lanes, load, place, splat, steps, store
from foveal.kernels.cpu.metrics._lines import FOUR, extend, fold, fold_squares, unweave, weave
from foveal.kernels.cpu.metrics._rings import fetch, mean_of, surround, zeros
from foveal.kernels.cpu.metrics._strips import put

f32 = np.float32

# Rows that are fetched before they are needed.
AHEAD = 8


@compile_kernel
def index(
    start, stop, loss, first, second, rows, columns, reach, weights, constants, strip, size, result, mapped, streamed,
    totals, side,
):  # fmt: skip
    behind, depth = len(side) - 1, len(side) + FOUR - 1
    ends = (behind + LANES - 1) // LANES
    pitch = LANES * max(LANES, size + ends)
    line = LANES * (size + behind)
    _index_rows(
        start, stop, loss, first, second, rows, columns, reach, weights, constants, strip, size, result, mapped,
        streamed, totals, side, ends, pitch, line, zeros(2 * LANES * (size + 4)), zeros(2 * depth * pitch),
        zeros(4 * FOUR * line), zeros(LANES * (4 * size + max(size, LANES))), zeros(LANES * (size + 1)),
        zeros(LANES * LANES), np.empty(depth, np.int64), np.arange(depth) * LANES, np.arange(FOUR) * (4 * line),
    )  # fmt: skip


@compile_kernel(**BARE)
def _index_rows(
    start, stop, loss, first, second, rows, columns, reach, weights, constants, strip, size, result, mapped, streamed,
    totals, side, ends, pitch, line, natural, ring, blurred, moments, row, block, places, neighbours, targets,
):  # fmt: skip
    behind, depth = len(side) - 1, len(side) + FOUR - 1
    out_height, out_width = rows.shape[0] - behind, columns.shape[0] - behind
    strips = (out_width + strip - 1) // strip
    width = LANES * size
    for item in range(start, stop):
        plane = item // strips
        begin = (item - plane * strips) * strip
        count = min(strip, out_width - begin)
        offset1 = mean_of(first[plane], begin, begin + count)
        offset2 = mean_of(second[plane], begin, begin + count)
        made, total = 0, 0.0
        for y in range(0, out_height, FOUR):
            for i in range(depth):
                # Below the last row come some that nobody looks at.
                source = rows[min(y + i, rows.shape[0] - 1)]
                places[i] = source % depth * 2 * pitch
                while made <= source:
                    fetch(first[plane], made + AHEAD, begin, count)
                    fetch(second[plane], made + AHEAD, begin, count)
                    _lay(
                        first[plane, made], second[plane, made], offset1, offset2, columns, begin, reach,
                        count + behind, size, ends, natural, ring, made % depth * 2 * pitch, pitch,
                    )  # fmt: skip
                    made += 1
            for k in range(2):
                height = LANES * (size + ends)
                fold(ring, places, k * pitch, blurred, targets, k * line, weights, height, LANES, side)
                fold_squares(ring, places, k * pitch, blurred, targets, (k + 2) * line, weights, height, LANES, side)
            for i in range(min(FOUR, out_height - y)):
                for k in range(4):
                    extend(blurred, (4 * i + k) * line, size, behind, block)
                    fold(
                        blurred, neighbours, (4 * i + k) * line, moments, neighbours, k * width, weights, width,
                        FOUR * LANES, side,
                    )  # fmt: skip
                found = moments[4 * width : 5 * width]
                _compare(
                    moments[0:width], moments[width : 2 * width], moments[2 * width : 3 * width],
                    moments[3 * width : 4 * width], offset1 + offset2, offset1 - offset2, constants[0], constants[1],
                    constants[2], found,
                )  # fmt: skip
                if loss:
                    _halve(found)
                unweave(moments, 4 * width, size, block, row)
                total += put(row[0:count], result, plane, y + i, begin, mapped, streamed)
        totals[item] = total


@compile_kernel(**BARE)
def _lay(
    first, second, offset1, offset2, columns, begin, reach, count, size, ends, natural, ring, slot, pitch
):  # fmt: skip
    """Lay a surrounded row of the sum and the difference of two images, less their offsets, into the ring."""
    lead, stop = max(0, reach - begin), min(count, first.shape[0] + reach - begin)
    left, right = begin + lead - reach, begin + stop - reach
    half = natural.shape[0] // 2
    sums, differences = natural[0:half], natural[half:]
    _combine(
        first[left:right], second[left:right], offset1, offset2, sums[lead:stop], differences[lead:stop]
    )  # fmt: skip
    if lead > 0 or stop < count:
        surround(sums, columns, begin, lead, stop, count, f32(0))
        surround(differences, columns, begin, lead, stop, count, f32(0))
    weave(sums, size, ends, ring, slot)
    weave(differences, size, ends, ring, slot + pitch)


@compile_kernel(**BARE)
def _combine(first, second, offset1, offset2, sums, differences):
    if sums.shape[0] >= lanes(sums):
        vector1, vector2 = splat(offset1), splat(offset2)
        for step in range(steps(sums)):
            j = place(step, sums)
            a, b = load(first, j) - vector1, load(second, j) - vector2
            store(sums, j, a + b)
            store(differences, j, a - b)
    else:
        for j in range(sums.shape[0]):
            a, b = first[j] - offset1, second[j] - offset2
            sums[j], differences[j] = a + b, a - b


@compile_kernel(**BARE)
def _compare(sums, differences, sum_squares, difference_squares, offset1, offset2, floor1, floor2, eps, result):
    for j in range(result.shape[0]):
        s, d = sums[j], differences[j]
        v, w = sum_squares[j] - s * s, difference_squares[j] - d * d
        s, d = s + offset1, d + offset2
        s, d = s * s, d * d
        likeness = (f32(0.5) * (s - d) + floor1) * (f32(0.5) * (v - w) + floor2)
        energy = (f32(0.5) * (s + d) + floor1) * (f32(0.5) * (v + w) + floor2)
        result[j] = likeness / (energy + eps)


@compile_kernel(**BARE)
def _halve(result):
    """Turn the index into the loss."""
    for j in range(result.shape[0]):
        loss = f32(0.5) - f32(0.5) * result[j]
        loss = f32(0) if loss < f32(0) else loss
        result[j] = f32(1) if loss > f32(1) else loss
