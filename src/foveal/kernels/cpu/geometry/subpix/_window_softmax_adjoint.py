# SPDX-License-Identifier: Apache-2.0
"""Adjoint of the softmax sums over windows: the same axes in turn, from the windows back to the pixels.

Of a window with means m and weights e / total, a score s at place p gets the gradient
e / total * ((p - m_place) * g_place + (s - m_score) * g_score) / temperature + e / total * g_score. Written as
e * (X * p_x + Y * p_y + Z * p_z + VALUE * s + TOTAL), the five factors of e belong to the window alone, and each axis
adds up those of the windows that a row or plane is part of.
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.geometry.subpix._window_softmax import (
    LARGEST,
    TOTAL,
    VALUE,
    X,
    Y,
    Z,
    _clean,
    add_product,
    part_weights,
    place_weights,
)

f32 = np.float32

# Zeros on either side of a strip's factors: a pixel reads those of the windows that begin up to two columns before it.
MARGIN = 2


@compile_kernel
def pull_means(means, count, columns, valid, axes, with_value, temperature, factors):
    """Turn the gradients of the means in `factors` into the factors of the windows.

    Beyond `count` rows and `valid` columns there are no windows: gradients are zero there, means anything.
    """
    for row in range(means.shape[1] // columns):
        for j in range(row * columns + (valid if row < count else 0), (row + 1) * columns):
            for kind in range(TOTAL, means.shape[0]):
                means[kind, j] = f32(0)
    inverse, rest = means[TOTAL], factors[TOTAL]
    sharpness = f32(1) / temperature
    _scale(inverse, sharpness, factors[X])
    _scale(inverse, sharpness, factors[Y])
    _start_rest(factors[X], means[X], factors[Y], means[Y], rest)
    if axes == 3:
        _scale(inverse, sharpness, factors[Z])
        _add_rest(factors[Z], means[Z], f32(0), rest)
    if with_value:
        _scale(inverse, sharpness, factors[VALUE])
        _add_rest(factors[VALUE], means[VALUE], temperature, rest)


@compile_kernel
def _scale(inverse, sharpness, factor):
    for j in range(factor.shape[0]):
        factor[j] *= inverse[j] * sharpness


@compile_kernel
def _start_rest(x, mean_x, y, mean_y, rest):
    for j in range(rest.shape[0]):
        rest[j] = -(x[j] * mean_x[j] + y[j] * mean_y[j])


@compile_kernel
def _add_rest(factor, mean, temperature, rest):
    for j in range(rest.shape[0]):
        rest[j] += factor[j] * (temperature - mean[j])


@compile_kernel
def _add_line(weight, base, slope, place, total):
    for j in range(total.shape[0]):
        total[j] += weight[j] * (base[j] + slope[j] * place)


@compile_kernel
def _add_plain_line(base, slope, place, total):
    for j in range(total.shape[0]):
        total[j] += base[j] + slope[j] * place


@compile_kernel
def _add(part, total):
    for j in range(total.shape[0]):
        total[j] += part[j]


@compile_kernel
def pull_plane(
    factors, size, stride, pitch, columns, even, sharpness, with_value, scores, common, weight, wide, thin, sums,
    thin_factors, row_factors, result,
):  # fmt: skip
    """Fill the gradient of a strip's scores from the factors of its windows; see `load_plane` for the strip."""
    row_factors[:] = f32(0)
    if stride[2] > 1:
        thin_factors[:] = f32(0)
        _pull_rows(
            factors, sums, thin, size[1], stride[1], columns, even, sharpness, with_value, weight, 0, thin_factors
        )
        _spread_columns(thin_factors, pitch, stride[2], columns, row_factors)
    else:
        _pull_rows(
            factors, sums, wide, size[1], stride[1], columns, even, sharpness, with_value, weight, MARGIN, row_factors
        )
    _pull_places(row_factors, wide[LARGEST], scores, common, even, size[2], sharpness, with_value, weight, result)


@compile_kernel
def pull_planes(factors, low, high, even, shifts, planes, joint, sharpness, with_value, weight, result):
    """Add a window's factors to those of each of its planes."""
    slots, length = planes.shape[0], factors.shape[1]
    for d in range(max(low, 0), high):
        slot = d % slots
        part_weights(planes[slot, LARGEST], even, shifts[slot], joint[LARGEST], sharpness, weight[:length])
        add_product(weight[:length], factors[X], result[slot, X])
        add_product(weight[:length], factors[Y], result[slot, Y])
        _add_line(weight[:length], factors[TOTAL], factors[Z], f32(d - low), result[slot, TOTAL])
        if with_value:
            add_product(weight[:length], factors[VALUE], result[slot, VALUE])


@compile_kernel
def _pull_rows(factors, sums, rows, window, stride, columns, even, sharpness, with_value, weight, margin, result):
    """Add the factors of windows over several rows to those of each row, from `margin` on in `result`."""
    span = factors.shape[1] if stride == 1 else columns
    for group in range(factors.shape[1] // span):
        here = slice(group * span, (group + 1) * span)
        x, y, value, rest = factors[X, here], factors[Y, here], factors[VALUE, here], factors[TOTAL, here]
        for place in range(window):
            at = (group * stride + place) * columns
            to = slice(margin + at, margin + at + span)
            to_x, to_value, to_rest = result[X, to], result[VALUE, to], result[TOTAL, to]
            if even:
                _add(x, to_x)
                _add_plain_line(rest, y, f32(place), to_rest)
                if with_value:
                    _add(value, to_value)
            else:
                part_weights(
                    rows[LARGEST, at : at + span], False, f32(0), sums[LARGEST, here], sharpness, weight[:span]
                )
                add_product(weight[:span], x, to_x)
                _add_line(weight[:span], rest, y, f32(place), to_rest)
                if with_value:
                    add_product(weight[:span], value, to_value)


@compile_kernel
def _spread_columns(thin, pitch, stride, columns, wide):
    """Put the factors of windows at every `stride`-th column of a strip, within its margin."""
    for kind in range(TOTAL, VALUE + 1):
        for i in range(thin.shape[1] // columns):
            for j in range(columns):
                wide[kind, MARGIN + i * pitch + j * stride] = thin[kind, i * columns + j]


@compile_kernel
def _pull_places(factors, largest, scores, common, even, window, sharpness, with_value, weight, result):
    """Fill the gradient of a strip's scores from the factors of windows along a row.

    `factors` begins and ends with a margin of zeros.
    """
    length = largest.shape[0]
    if even and window == 3:
        _pull_three(common[: length + 2], factors[X], factors[TOTAL], result)
        if with_value:
            _pull_three_scores(common[: length + 2], scores, factors[VALUE], result)
        return
    result[:] = f32(0)
    here = slice(MARGIN, MARGIN + length)
    x, value, rest = factors[X, here], factors[VALUE, here], factors[TOTAL, here]
    for place in range(window):
        found = place_weights(scores, place, even, common, largest, sharpness, weight)
        _add_line(found, rest, x, f32(place), result[place : place + length])
        if with_value:
            _add_scores(found, value, scores[place : place + length], result[place : place + length])


@compile_kernel
def _add_scores(weight, value, scores, total):
    for j in range(total.shape[0]):
        total[j] += weight[j] * value[j] * _clean(scores[j])


@compile_kernel
def _pull_three(weight, x, rest, result):
    second_x, third_x = x[1:], x[0:]
    first, second, third = rest[2:], rest[1:], rest[0:]
    for j in range(weight.shape[0]):
        result[j] = weight[j] * (first[j] + (second[j] + second_x[j]) + (third[j] + f32(2) * third_x[j]))


@compile_kernel
def _pull_three_scores(weight, scores, value, result):
    first, second, third = value[2:], value[1:], value[0:]
    for j in range(weight.shape[0]):
        result[j] += weight[j] * _clean(scores[j]) * (first[j] + second[j] + third[j])
