# SPDX-License-Identifier: Apache-2.0
"""Loops of Parzen-window joint histograms.

Places are computed as the reference does, without fused products: kernels end at distances that must not be missed by
a rounding.
"""

import math

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp

f32 = np.float32

XU, RECTANGULAR, TRUNCATED_GAUSSIAN = range(3)

# Pairs whose places are computed at a time.
CHUNK = 1024


@compile_kernel(fastmath=False)
def _locate(samples, lowest, extent, top, places):
    """Compute places as the reference does, without fused products and reciprocals."""
    for i in range(samples.shape[0]):
        places[i] = (samples[i] - lowest) / extent * top


@compile_kernel(inline="always")
def _weight(distance, kind, radius, inverse):
    """Return the weight at a distance within reach, without the factor that shares lose."""
    if kind == RECTANGULAR:
        return f32(1.0)
    u = abs(distance) * inverse
    if kind == TRUNCATED_GAUSSIAN:
        return exp(f32(-0.5) * u * u) * inverse * f32(1 / math.sqrt(2 * math.pi))
    if u < f32(0.5):
        return f32(1.0) - f32(0.1) * u - f32(1.8) * u * u
    return (f32(1.0) - u) * (f32(1.9) - f32(1.8) * u)


@compile_kernel(inline="always")
def _slope(distance, kind, radius, inverse):
    """Return the derivative of the weight."""
    if kind == RECTANGULAR:
        return f32(0.0)
    u = abs(distance) * inverse
    if kind == TRUNCATED_GAUSSIAN:
        return -distance * inverse * inverse * _weight(distance, kind, radius, inverse)
    steep = f32(-0.1) - f32(3.6) * u if u < f32(0.5) else f32(3.6) * u - f32(3.7)
    return np.sign(distance) * steep * inverse


@compile_kernel(inline="always")
def _reach(place, radius, bins):
    """Return the first bin within reach, and the one behind the last."""
    first = max(np.intp(np.floor(place - radius)), 0)
    last = min(np.intp(np.ceil(place + radius)), bins - 1)
    # Which bins are within reach is said by the distance, rounded as the reference's.
    while first <= last and abs(place - f32(first)) > radius:
        first += 1
    while last >= first and abs(place - f32(last)) > radius:
        last -= 1
    return first, last + 1


@compile_kernel(inline="always")
def _bounds(unit, pieces, samples):
    """Return row, first and last sample of a unit of work."""
    row = unit // pieces
    piece = unit - row * pieces
    return row, piece, samples * piece // pieces, samples * (piece + 1) // pieces


@compile_kernel
def _add(table, x, y, kind, radius, inverse, bins, weights):
    """Count one pair."""
    first, behind = _reach(x, radius, bins)
    low, high = _reach(y, radius, bins)
    for b in range(low, high):
        weights[b] = _weight(y - f32(b), kind, radius, inverse)
    for a in range(first, behind):
        weight = np.float64(_weight(x - f32(a), kind, radius, inverse))
        row = table[a]
        for b in range(low, high):
            row[b] += weight * np.float64(weights[b])


@compile_kernel
def count(start, stop, first, second, low_1, extent_1, low_2, extent_2, skipped, pieces, kind, radius, inverse, counts):
    bins = counts.shape[2]
    weights = np.empty(bins, f32)
    x, y = np.empty(CHUNK, f32), np.empty(CHUNK, f32)
    for unit in range(start, stop):
        row, piece, begin, end = _bounds(unit, pieces, first.shape[1])
        if skipped[row]:
            continue
        table = counts[row, piece]
        for place in range(begin, end, CHUNK):
            size = min(CHUNK, end - place)
            _locate(first[row, place : place + size], low_1[row], extent_1[row], f32(bins - 1), x)
            _locate(second[row, place : place + size], low_2[row], extent_2[row], f32(bins - 1), y)
            for i in range(size):
                _add(table, x[i], y[i], kind, radius, inverse, bins, weights)


@compile_kernel
def _pull_pair(table, x, y, kind, radius, inverse, bins, weights, slopes):
    """Return the gradients to the places of one pair."""
    first, behind = _reach(x, radius, bins)
    low, high = _reach(y, radius, bins)
    for b in range(low, high):
        weights[b] = _weight(y - f32(b), kind, radius, inverse)
        slopes[b] = _slope(y - f32(b), kind, radius, inverse)
    to_x, to_y = f32(0.0), f32(0.0)
    for a in range(first, behind):
        row = table[a]
        along, across = f32(0.0), f32(0.0)
        for b in range(low, high):
            along += row[b] * weights[b]
            across += row[b] * slopes[b]
        to_x += _slope(x - f32(a), kind, radius, inverse) * along
        to_y += _weight(x - f32(a), kind, radius, inverse) * across
    return to_x, to_y


@compile_kernel
def pull(
    start, stop, first, second, low_1, extent_1, low_2, extent_2, skipped, pieces, kind, radius, inverse, tables,
    result_1, result_2, sums,
):  # fmt: skip
    bins = tables.shape[1]
    weights, slopes = np.empty(bins, f32), np.empty(bins, f32)
    x, y = np.empty(CHUNK, f32), np.empty(CHUNK, f32)
    for unit in range(start, stop):
        row, piece, begin, end = _bounds(unit, pieces, first.shape[1])
        if skipped[row]:
            result_1[row, begin:end] = f32(0.0)
            result_2[row, begin:end] = f32(0.0)
            continue
        top = f32(bins - 1)
        scale_1, scale_2 = top / extent_1[row], top / extent_2[row]
        total = sums[row, piece]
        for place in range(begin, end, CHUNK):
            size = min(CHUNK, end - place)
            _locate(first[row, place : place + size], low_1[row], extent_1[row], top, x)
            _locate(second[row, place : place + size], low_2[row], extent_2[row], top, y)
            for i in range(size):
                to_x, to_y = _pull_pair(tables[row], x[i], y[i], kind, radius, inverse, bins, weights, slopes)
                to_x, to_y = to_x * scale_1, to_y * scale_2
                result_1[row, place + i] = to_x
                result_2[row, place + i] = to_y
                total[0, 0] += to_x
                total[0, 1] += to_x * (x[i] / top)
                total[1, 0] += to_y
                total[1, 1] += to_y * (y[i] / top)
