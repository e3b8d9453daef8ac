# SPDX-License-Identifier: Apache-2.0
"""The strongest pixel of any cells: flat ones as runs, others one by one.

Every row of the image is taken once. A flat element is cut into runs of neighbouring cells per row. By doubling, each
row yields the strongest of 2, 4, 8, ... neighbours; a run of any length is two of these, overlapping, whatever its
length. What a run or a cell finds goes into the row of the result that lies as far above as the run in the element.
"""

from typing import Any

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import copy, row_at, set_all, surround
from foveal.kernels.cpu.morphology._stronger import stronger

i32 = np.int32


def runs_of(cells: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the runs of a flat element as rows (row, first place, second place, level), grouped by row.

    The strongest pixel of a run is the stronger of what `level` doublings found at its first and second place.
    """
    found = []
    for i, row in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for first, stop in edges.reshape(-1, 2):
            level = int(stop - first).bit_length() - 1
            found.append((i, first, stop - 2**level, level))
    return np.array(found, np.int32).reshape(-1, 4)


@compile_kernel(**BARE)
def pair(kind, first, second, result):
    """Write the strongest of two rows."""
    for j in range(result.shape[0]):
        result[j] = stronger(kind, first[j], second[j])


@compile_kernel(**BARE)
def _take_two(kind, first, second, result):
    for j in range(result.shape[0]):
        result[j] = stronger(kind, result[j], stronger(kind, first[j], second[j]))


@compile_kernel(**BARE)
def _take(kind, first, result):
    for j in range(result.shape[0]):
        result[j] = stronger(kind, result[j], first[j])


@compile_kernel(**BARE)
def _take_raised(kind, first, height, result):
    for j in range(result.shape[0]):
        result[j] = stronger(kind, result[j], first[j] + height)


@compile_kernel(inline="always")
def load(plane, row, outside, surrounded, lead, columns, fill):
    """Copy a row of an image and fill its surroundings."""
    copy(row_at(plane, row, outside), surrounded[lead : lead + plane.shape[1]])
    surround(surrounded, lead, columns, fill)


@compile_kernel
def any_flat(start, stop, kind, image, result, rows, columns, lead, base, fill, weakest, runs, height, levels):
    """Fill rows start to stop, counted through all images; see `rectangle`."""
    across = image.shape[2]
    outside = np.full(across, fill, image.dtype)
    table = np.empty((levels, columns.shape[0]), image.dtype)
    _any_flat(
        start, stop, kind, image, result, rows, columns, lead, base, fill, weakest, runs, height, levels,
        outside, table,
    )  # fmt: skip


@compile_kernel(**BARE)
def _any_flat(
    start, stop, kind, image, result, rows, columns, lead, base, fill, weakest, runs, height, levels,
    outside, table,
):  # fmt: skip
    size, across = image.shape[1], image.shape[2]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for y in range(first, last):
            set_all(results[y], weakest)
        for v in range(first, last + height - 1):
            load(plane, rows[v], outside, table[0], lead, columns, fill)
            length, reach = columns.shape[0], 1
            for level in range(1, levels):
                length -= reach
                pair(kind, table[level - 1, 0:length], table[level - 1, reach : reach + length], table[level, 0:length])
                reach *= 2
            for run in range(runs.shape[0]):
                y = v - runs[run, 0]
                if y < first or y >= last:
                    continue
                near, far, level = base + runs[run, 1], base + runs[run, 2], runs[run, 3]
                if near == far:
                    _take(kind, table[level, near : near + across], results[y])
                else:
                    _take_two(kind, table[level, near : near + across], table[level, far : far + across], results[y])


@compile_kernel
def any_raised(start, stop, kind, image, result, rows, columns, lead, base, fill, weakest, places, heights, height):
    """Fill rows start to stop from cells at `places` (row, column) that add `heights`; see `rectangle`."""
    across = image.shape[2]
    outside = np.full(across, fill, image.dtype)
    surrounded = np.empty(columns.shape[0], image.dtype)
    _any_raised(
        start, stop, kind, image, result, rows, columns, lead, base, fill, weakest, places, heights, height,
        outside, surrounded,
    )  # fmt: skip


@compile_kernel(**BARE)
def _any_raised(
    start, stop, kind, image, result, rows, columns, lead, base, fill, weakest, places, heights, height,
    outside, surrounded,
):  # fmt: skip
    size, across = image.shape[1], image.shape[2]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for y in range(first, last):
            set_all(results[y], weakest)
        for v in range(first, last + height - 1):
            load(plane, rows[v], outside, surrounded, lead, columns, fill)
            for cell in range(places.shape[0]):
                y = v - places[cell, 0]
                if y >= first and y < last:
                    near = base + places[cell, 1]
                    _take_raised(kind, surrounded[near : near + across], heights[cell], results[y])
