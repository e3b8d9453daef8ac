# SPDX-License-Identifier: Apache-2.0
"""The adjoint of windows of any cells, flat or raised; see `_adjoint` for its rules and `_runs` for the search."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import set_all
from foveal.kernels.cpu.morphology._adjoint import _count, _pair, _scatter, windows
from foveal.kernels.cpu.morphology._runs import load
from foveal.kernels.cpu.morphology._stronger import beats

f32, i32 = np.float32, np.int32


@compile_kernel(**BARE)
def _take(kind, first, first_number, second, second_number, height, run, best, number, runs):
    """Take the strongest of a run, raised by its height, where it beats what was found before."""
    for j in range(best.shape[0]):
        a, b, c = best[j], first[j] + height, second[j] + height
        nearer, farther = first_number[j], second_number[j]
        other = beats(kind, c, b)
        b = c if other else b
        nearer = farther if other else nearer
        later = beats(kind, b, a)
        best[j] = b if later else a
        number[j] = nearer if later else number[j]
        runs[j] = run if later else runs[j]


@compile_kernel
def any_adjoint(
    start, stop, unit, kind, image, gradient, result, to_heights, rows, columns, lead, base, fill, weakest, runs,
    heights, height, levels, top,
):  # fmt: skip
    """Add to the rows that units start to stop own, and to the heights if `to_heights` is not empty."""
    across, sources, chunk = image.shape[2], columns.shape[0], max(16, height)
    outside = np.full(across, fill, np.float32)
    values, numbers = np.empty((levels, sources), np.float32), np.empty((levels, sources), np.int32)
    best, number = np.empty((chunk, across), np.float32), np.empty((chunk, across), np.int32)
    places = np.empty((chunk, across), np.int32)
    _any_adjoint(
        start * unit, stop * unit, unit, kind, image, gradient, result, to_heights, rows, columns, lead, base, fill,
        weakest, runs, heights, height, levels, top, outside, values, numbers, best, number, places,
    )  # fmt: skip


@compile_kernel(**BARE)
def _any_adjoint(
    start, stop, unit, kind, image, gradient, result, to_heights, rows, columns, lead, base, fill, weakest, runs,
    heights, height, levels, top, outside, values, numbers, best, number, places,
):  # fmt: skip
    size, across = image.shape[1], image.shape[2]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, gradients, results = image[index], gradient[index], result[index].reshape(-1)
        low, high = windows(first, last, top, height, size, unit)
        for chunk in range(low, high, best.shape[0]):
            end = min(high, chunk + best.shape[0])
            for y in range(end - chunk):
                set_all(best[y], weakest)
                set_all(number[y], i32(-1))
                set_all(places[y], i32(-1))
            for v in range(chunk, end + height - 1):
                load(plane, rows[v], outside, values[0], lead, columns, fill)
                _count(columns, rows[v], across, numbers[0])
                length, reach = columns.shape[0], 1
                for level in range(1, levels):
                    length -= reach
                    _pair(
                        kind, values[level - 1, 0:length], numbers[level - 1, 0:length],
                        values[level - 1, reach : reach + length], numbers[level - 1, reach : reach + length],
                        values[level, 0:length], numbers[level, 0:length],
                    )  # fmt: skip
                    reach *= 2
                for run in range(runs.shape[0]):
                    y = v - runs[run, 0] - chunk
                    if y >= 0 and y < end - chunk:
                        near, far, level = base + runs[run, 1], base + runs[run, 2], runs[run, 3]
                        _take(
                            kind, values[level, near : near + across], numbers[level, near : near + across],
                            values[level, far : far + across], numbers[level, far : far + across],
                            heights[run], i32(run), best[y], number[y], places[y],
                        )  # fmt: skip
            for y in range(chunk, end):
                _scatter(number[y - chunk], gradients[y], first * across, last * across, results)
                if to_heights.shape[0] > 0 and y >= first and y < last:
                    _scatter(places[y - chunk], gradients[y], 0, to_heights.shape[0], to_heights)
