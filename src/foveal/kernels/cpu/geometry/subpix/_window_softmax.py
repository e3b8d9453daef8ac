# SPDX-License-Identifier: Apache-2.0
"""Softmax sums over every window of a strip of rows, one axis after the other: along rows, over rows, over planes.

A strip is a run of rows with their padding, laid out flat, so that every loop is long and has the row's neighbours at
fixed distances; what the last columns of a row take from the next row is never used. Each axis has its own largest
score, so that no weight overflows and at least one weight of every window is 1. In an *even* strip, whose scores span
less than an exponential does, all windows share one: a pixel then has the same weight in each of them.

Sums are rows of one array: LARGEST score, sums of the weights (TOTAL) and of the weights times the place in the window
(X, Y, Z) and times the score (VALUE).
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._maximum import maximum

f32 = np.float32
INFINITY = f32(np.inf)
LOWEST = f32(np.finfo(np.float32).min)

KINDS = 6
LARGEST, TOTAL, X, VALUE, Y, Z = range(KINDS)

# Weights of an even strip are at least 2^-EVEN, far above the least of float32.
EVEN = f32(96)
# Below this sum of weights a window holds nothing but -inf.
NOTHING = f32(2.0**-110)


@compile_kernel
def _extent(scores):
    """Return the largest and the least score; NaN where there is one."""
    largest, negated = scores[0], -scores[0]
    for j in range(scores.shape[0]):
        largest = maximum(largest, scores[j])
        negated = maximum(negated, -scores[j])
    return largest, -negated


@compile_kernel
def _raise_to(scores, largest):
    for j in range(largest.shape[0]):
        largest[j] = scores[j] if scores[j] > largest[j] else largest[j]


@compile_kernel
def weigh(scores, largest, sharpness, weight):
    for j in range(weight.shape[0]):
        weight[j] = exp2((scores[j] - largest[j]) * sharpness)


@compile_kernel
def _weigh_alike(scores, largest, sharpness, weight):
    for j in range(weight.shape[0]):
        weight[j] = exp2((scores[j] - largest) * sharpness)


@compile_kernel
def _clean(score):
    """Keep -inf, whose weight is 0, from making NaN of a product."""
    return f32(0) if score == -INFINITY else score


@compile_kernel
def _sum_three(first, second, third, total, offset):
    for j in range(total.shape[0]):
        total[j] = first[j] + second[j] + third[j]
        offset[j] = second[j] + f32(2) * third[j]


@compile_kernel
def _sum_three_parts(first, second, third, total):
    for j in range(total.shape[0]):
        total[j] = first[j] + second[j] + third[j]


@compile_kernel
def _sum_three_scores(weight, scores, value):
    first, second, third = weight[0:], weight[1:], weight[2:]
    first_score, second_score, third_score = scores[0:], scores[1:], scores[2:]
    for j in range(value.shape[0]):
        value[j] = (
            first[j] * _clean(first_score[j]) + second[j] * _clean(second_score[j]) + third[j] * _clean(third_score[j])
        )


@compile_kernel
def _add_places(weight, place, total, offset):
    for j in range(total.shape[0]):
        total[j] += weight[j]
        offset[j] += weight[j] * place


@compile_kernel
def _add_scores(weight, scores, value):
    for j in range(value.shape[0]):
        value[j] += weight[j] * _clean(scores[j])


@compile_kernel
def add_product(weight, part, total):
    for j in range(total.shape[0]):
        total[j] += weight[j] * part[j]


@compile_kernel
def _add_parts(weight, part, place, total, offset):
    for j in range(total.shape[0]):
        total[j] += weight[j] * part[j]
        offset[j] += weight[j] * part[j] * place


@compile_kernel
def _load_strip(plane, first, rows, pad, sharpness, scores, common):
    """Lay out `rows` rows of a plane from row `first` on, with weights where they are even; see `load_plane`."""
    height, width = plane.shape
    pitch = width + 2 * pad
    inside = scores[pad : pad + rows * pitch].reshape(rows, pitch)
    for i in range(rows):
        if 0 <= first + i < height:
            for j in range(width):
                inside[i, j] = plane[first + i, j]
        else:
            for j in range(width):
                inside[i, j] = -INFINITY
    largest, least = _extent(plane[max(first, 0) : min(first + rows, height)].reshape(-1))
    even = (largest - least) * sharpness < EVEN
    if even:
        _weigh_alike(scores, largest, sharpness, common)
    return even, largest


@compile_kernel
def place_weights(scores, place, even, common, largest, sharpness, weight):
    """Return the weights that the pixels at one place of all windows along a row have in them."""
    if even:
        return common[place : place + largest.shape[0]]
    weigh(scores[place : place + largest.shape[0]], largest, sharpness, weight[: largest.shape[0]])
    return weight[: largest.shape[0]]


@compile_kernel
def _sum_along_rows(scores, common, even, shift, window, sharpness, with_value, weight, sums):
    """Fill `sums` (LARGEST, TOTAL, X and, where asked, VALUE) for windows of one row, at every column of a strip."""
    largest, total, x, value = sums[LARGEST], sums[TOTAL], sums[X], sums[VALUE]
    length = total.shape[0]
    if even and window == 3:
        largest[:] = shift
        _sum_three(common[0:length], common[1 : length + 1], common[2 : length + 2], total, x)
        if with_value:
            _sum_three_scores(common, scores, value)
        return
    largest[:] = shift if even else LOWEST
    if not even:
        for place in range(window):
            _raise_to(scores[place : place + length], largest)
    total[:], x[:], value[:] = f32(0), f32(0), f32(0)
    for place in range(window):
        found = place_weights(scores, place, even, common, largest, sharpness, weight)
        _add_places(found, f32(place), total, x)
        if with_value:
            _add_scores(found, scores[place : place + length], value)


@compile_kernel
def _pick_columns(wide, pitch, stride, columns, sums):
    """Keep every `stride`-th column of a strip's sums."""
    rows = sums.shape[1] // columns
    for kind in range(VALUE + 1):
        for i in range(rows):
            for j in range(columns):
                sums[kind, i * columns + j] = wide[kind, i * pitch + j * stride]


@compile_kernel
def load_plane(
    plane, first, size, stride, pad, columns, sharpness, with_value, scores, common, weight, wide, thin, sums
):
    """Fill the `sums` of a strip's windows over the rows of one plane; return whether it is even, its largest score.

    Args:
        plane: (H, W).
        first: the strip's first row, which may lie in the padding.
        size: depth, height and width of a window.
        stride: steps from one window to the next.
        pad: columns of padding on each side.
        columns: columns of the sums: of the padded rows, or of the windows where their stride is not 1.
        sharpness: log2(e) / temperature.
        with_value: whether to sum the scores.
        scores: the strip with its padding, which is -inf already.
        common: weights of its pixels, where it is even.
        weight: scratch; the adjoint reads all others again.
        wide: sums along rows at every column.
        thin: sums along rows at the columns of windows, where their stride is not 1.
        sums: see the top of the file.
    """
    pitch = plane.shape[1] + 2 * pad
    even, shift = _load_strip(plane, first, wide.shape[1] // pitch, pad, sharpness, scores, common)
    _sum_along_rows(scores, common, even, shift, size[2], sharpness, with_value, weight, wide)
    if stride[2] > 1:
        _pick_columns(wide, pitch, stride[2], columns, thin)
    rows = thin if stride[2] > 1 else wide
    _sum_over_rows(rows, size[1], stride[1], columns, even, shift, sharpness, with_value, weight, sums)
    return even, shift


@compile_kernel
def part_weights(largest, even, shift, joint, sharpness, weight):
    """Fill the weights that parts with the `largest` scores have in sums with the `joint` ones."""
    if even:
        weight[:] = exp2((shift - joint[0]) * sharpness)
    else:
        weigh(largest, joint, sharpness, weight)


@compile_kernel
def _sum_over_rows(rows, window, stride, columns, even, shift, sharpness, with_value, weight, sums):
    """Fill `sums` (all but Z) for windows over several rows from those of one row."""
    # With stride 1 all windows of the strip are one run.
    span = sums.shape[1] if stride == 1 else columns
    for group in range(sums.shape[1] // span):
        here = slice(group * span, (group + 1) * span)
        largest, total, x, y, value = (
            sums[LARGEST, here], sums[TOTAL, here], sums[X, here], sums[Y, here], sums[VALUE, here],
        )  # fmt: skip
        begin = group * stride * columns
        if even and window == 3:
            a, b, c = begin, begin + columns, begin + 2 * columns
            largest[:] = shift
            _sum_three(rows[TOTAL, a : a + span], rows[TOTAL, b : b + span], rows[TOTAL, c : c + span], total, y)
            _sum_three_parts(rows[X, a : a + span], rows[X, b : b + span], rows[X, c : c + span], x)
            if with_value:
                _sum_three_parts(
                    rows[VALUE, a : a + span], rows[VALUE, b : b + span], rows[VALUE, c : c + span], value
                )  # fmt: skip
            continue
        largest[:] = shift if even else LOWEST
        if not even:
            for place in range(window):
                at = begin + place * columns
                _raise_to(rows[LARGEST, at : at + span], largest)
        total[:], x[:], y[:], value[:] = f32(0), f32(0), f32(0), f32(0)
        for place in range(window):
            at = begin + place * columns
            part_weights(rows[LARGEST, at : at + span], even, shift, largest, sharpness, weight[:span])
            _add_parts(weight[:span], rows[TOTAL, at : at + span], f32(place), total, y)
            add_product(weight[:span], rows[X, at : at + span], x)
            if with_value:
                add_product(weight[:span], rows[VALUE, at : at + span], value)


@compile_kernel
def join_planes(planes, low, high, evens, shifts, sharpness, with_value, weight, joint):
    """Sum windows over the planes `low` to `high`, each at its number modulo the slots; return sums and evenness."""
    slots, length = planes.shape[0], joint.shape[1]
    if slots == 1:
        return planes[0], evens[0]
    largest = joint[LARGEST]
    even, shift = True, LOWEST
    for d in range(max(low, 0), high):
        even = even and evens[d % slots]
        shift = max(shift, shifts[d % slots])
    largest[:] = shift if even else LOWEST
    if not even:
        for d in range(max(low, 0), high):
            _raise_to(planes[d % slots, LARGEST], largest)
    joint[TOTAL:] = f32(0)
    for d in range(max(low, 0), high):
        plane = planes[d % slots]
        part_weights(plane[LARGEST], even, shifts[d % slots], largest, sharpness, weight[:length])
        _add_parts(weight[:length], plane[TOTAL], f32(d - low), joint[TOTAL], joint[Z])
        add_product(weight[:length], plane[X], joint[X])
        add_product(weight[:length], plane[Y], joint[Y])
        if with_value:
            add_product(weight[:length], plane[VALUE], joint[VALUE])
    return joint, even


@compile_kernel
def take_means(axes, with_value, sums):
    """Turn TOTAL into its inverse and the other sums into means."""
    total = sums[TOTAL]
    for j in range(total.shape[0]):
        total[j] = f32(1) / total[j] if total[j] > NOTHING else f32(np.nan)
    _scale(total, sums[X])
    _scale(total, sums[Y])
    if axes == 3:
        _scale(total, sums[Z])
    if with_value:
        _scale(total, sums[VALUE])


@compile_kernel
def _scale(factor, total):
    for j in range(total.shape[0]):
        total[j] *= factor[j]
