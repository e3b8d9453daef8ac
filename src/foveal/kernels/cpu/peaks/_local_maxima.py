# SPDX-License-Identifier: Apache-2.0
"""Local maxima of maps in one read: a vector loop over each row, then a walk over the plateaus that it meets."""

from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._maximum import maximum
from foveal.kernels.cpu._parallel import parallel_for
from foveal.peaks.local_peaks import PLATEAU

f32 = np.float32
SIDE = 2 * PLATEAU + 1


def find_local_maxima(cms: Tensor, threshold: float) -> np.ndarray[Any, Any]:
    """Return the places of the local maxima in the flat maps, in order, int64."""
    maps = as_array(cms.flatten(0, 1))
    count, height, width = maps.shape
    # Pieces write behind one another, each from its own first row; memory that stays unwritten costs nothing.
    found = np.empty(count * height * ((width + 1) // 2), np.int32)
    counts = np.zeros(count * height, np.int64)
    parallel_for(_find, count * height, maps, f32(threshold), found, counts, work=maps.size)
    rows = counts.nonzero()[0]
    room = (width + 1) // 2
    pieces = [found[row * room : row * room + counts[row]] + row * width for row in rows]
    return np.concatenate(pieces) if pieces else np.empty(0, np.int64)


@compile_kernel
def _find(start, stop, maps, threshold, found, counts):
    """Write the places of the maxima of rows `start` to `stop`, counted from the first pixel of row `start`."""
    height, width = maps.shape[1], maps.shape[2]
    outside = np.full(width, f32(-np.inf))
    hits = np.zeros((width + 7) // 8 * 8, np.uint8)
    words = hits.view(np.uint64)
    queue, walked = np.empty((SIDE * SIDE, 2), np.int64), np.empty((SIDE, SIDE), np.bool_)
    first = start * ((width + 1) // 2)
    count = 0
    for index in range(start, stop):
        scores, i = maps[index // height], index % height
        row = scores[i]
        # A row with a NaN is no row under the threshold.
        if _largest(row) <= threshold:
            continue
        above = scores[i - 1] if i > 0 else outside
        below = scores[i + 1] if i < height - 1 else outside
        _mark(above, row, below, threshold, hits)
        for word in range(words.shape[0]):
            if words[word] == 0:
                continue
            for j in range(8 * word, min(8 * word + 8, width)):
                if hits[j] and _is_peak(scores, i, j, queue, walked):
                    found[first + count] = (index - start) * width + j
                    count += 1
    counts[start] = count


@compile_kernel
def _largest(row):
    best = row[0]
    for j in range(row.shape[0]):
        best = maximum(best, row[j])
    return best


@compile_kernel
def _mark(above, row, below, threshold, hits):
    """Mark pixels above the threshold that exceed the four neighbours before them and reach the four behind."""
    width = row.shape[0]
    last = width - 1
    for j in (0, last):
        score = row[j]
        hit = score > threshold and score > above[j] and score >= below[j]
        if j > 0:
            hit = hit and score > above[j - 1] and score > row[j - 1] and score >= below[j - 1]
        if j < last:
            hit = hit and score > above[j + 1] and score >= row[j + 1] and score >= below[j + 1]
        hits[j] = hit
    inner = max(width - 2, 0)
    above_left, above_centre, above_right = above[:inner], above[1 : inner + 1], above[2 : inner + 2]
    left, centre, right = row[:inner], row[1 : inner + 1], row[2 : inner + 2]
    below_left, below_centre, below_right = below[:inner], below[1 : inner + 1], below[2 : inner + 2]
    marks = hits[1 : inner + 1]
    for j in range(inner):
        score = centre[j]
        marks[j] = np.uint8(
            (score > threshold)
            & (score > above_left[j])
            & (score > above_centre[j])
            & (score > above_right[j])
            & (score > left[j])
            & (score >= right[j])
            & (score >= below_left[j])
            & (score >= below_centre[j])
            & (score >= below_right[j])
        )


@compile_kernel
def _is_peak(scores, i, j, queue, walked):
    """Walk the plateau of a marked pixel: it is no peak where an earlier pixel, or a way up, is in reach."""
    height, width = scores.shape
    score = scores[i, j]
    equal = j < width - 1 and scores[i, j + 1] == score
    if i < height - 1:
        for column in range(max(j - 1, 0), min(j + 2, width)):
            equal = equal or scores[i + 1, column] == score
    if not equal:
        return True
    walked[:] = False
    walked[PLATEAU, PLATEAU] = True
    queue[0, 0], queue[0, 1] = i, j
    head, tail = 0, 1
    for distance in range(PLATEAU + 1):
        stop = tail
        while head < stop:
            row, column = queue[head, 0], queue[head, 1]
            head += 1
            for y in range(max(row - 1, 0), min(row + 2, height)):
                for x in range(max(column - 1, 0), min(column + 2, width)):
                    if scores[y, x] != score:
                        continue
                    if not _is_level(scores, y, x):
                        return False
                    if distance < PLATEAU and not walked[y - i + PLATEAU, x - j + PLATEAU]:
                        if y < i or (y == i and x < j):
                            return False
                        walked[y - i + PLATEAU, x - j + PLATEAU] = True
                        queue[tail, 0], queue[tail, 1] = y, x
                        tail += 1
    return True


@compile_kernel
def _is_level(scores, i, j):
    """Say whether no neighbour exceeds a pixel (NaN does)."""
    height, width = scores.shape
    for y in range(max(i - 1, 0), min(i + 2, height)):
        for x in range(max(j - 1, 0), min(j + 2, width)):
            if not scores[y, x] <= scores[i, j]:
                return False
    return True
