# SPDX-License-Identifier: Apache-2.0
"""The structural similarity of a row of windows from their moments, and its derivatives.

With a, b the means of two windows, v the sum of their variances and w their covariance,

    SSIM = A1 A2 / (B1 B2 + eps),   A1 = 2 a b + c1,  A2 = 2 w + c2,  B1 = a^2 + b^2 + c1,  B2 = v + c2.

The moments are the blurred x, y, p = x^2 + y^2 and q = x y of images less their offsets:
v = p - x^2 - y^2, w = q - x y. An image's gradient is the adjoint blur of the derivative by x, plus that by p times
2 x, plus that by q times y.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import lanes, load, place, splat, steps, store

f32 = np.float32

INDEX, LOSS, MULTISCALE = range(3)
"""What is computed: the SSIM, (1 - SSIM) / 2, or the loss of several scales."""


@compile_kernel(inline="always")
def _terms(x, y, p, q, offset1, offset2, floor1, floor2):
    """Return the means, A1, A2, B1 and B2."""
    a, b = x + offset1, y + offset2
    return (
        a, b, f32(2) * a * b + floor1, f32(2) * (q - x * y) + floor2,
        a * a + b * b + floor1, (p - x * x - y * y) + floor2,
    )  # fmt: skip


@compile_kernel(**BARE)
def _structures(xs, ys, ps, qs, floor2, result):
    """Multiply the result by A2 / B2."""
    for j in range(result.shape[0]):
        likeness = f32(2) * (qs[j] - xs[j] * ys[j]) + floor2
        result[j] *= likeness / ((ps[j] - xs[j] * xs[j] - ys[j] * ys[j]) + floor2)


@compile_kernel(**BARE)
def _luminances(xs, ys, offset1, offset2, floor1, result):
    for j in range(result.shape[0]):
        a, b = xs[j] + offset1, ys[j] + offset2
        result[j] = (f32(2) * a * b + floor1) / (a * a + b * b + floor1)


@compile_kernel(**BARE)
def _mix(differences, weight1, weight2, result):
    for j in range(result.shape[0]):
        result[j] = weight1 * (f32(1) - result[j]) + weight2 * differences[j]


@compile_kernel(**BARE)
def values(moments, scales, step, size, offset1, offset2, constants, result):
    """Write a row of the loss of several scales."""
    floor1, floor2 = constants[0], constants[1]
    last = moments[(scales - 1) * step :]
    _luminances(last[0:size], last[size : 2 * size], offset1, offset2, floor1, result)
    for scale in range(scales):
        part = moments[scale * step :]
        x, y, p, q = part[0:size], part[size : 2 * size], part[2 * size : 3 * size], part[3 * size : 4 * size]
        _structures(x, y, p, q, floor2, result)
    _mix(last[4 * size : 5 * size], constants[2], constants[3], result)


@compile_kernel(**BARE)
def _slopes(kind, xs, ys, ps, qs, offset1, offset2, floor1, floor2, eps, gradient, scale, dx, dy, dp, dq):
    """Write the derivatives by the moments times the gradient; that by p is doubled."""
    for j in range(dq.shape[0]):
        x, y = xs[j], ys[j]
        a, b, likeness1, likeness2, energy1, energy2 = _terms(x, y, ps[j], qs[j], offset1, offset2, floor1, floor2)
        inverse = f32(1) / (energy1 * energy2 + eps)
        index = likeness1 * likeness2 * inverse
        factor = gradient[j] * scale
        if kind == LOSS:
            inside = (index >= f32(-1)) & (index <= f32(1))
            factor = f32(-0.5) * factor if inside else f32(0)
        factor = f32(2) * factor * inverse
        by_p = -factor * index * energy1
        by_q = factor * likeness1
        luminance = factor * likeness2
        ratio = factor * index * energy2
        dp[j] = by_p
        dq[j] = by_q
        dx[j] = luminance * b - ratio * a - by_q * y - by_p * x
        dy[j] = luminance * a - ratio * b - by_q * x - by_p * y


@compile_kernel(**BARE)
def _structure_slopes(xs, ys, ps, ratio, before, behind, floor2, dx, dy, dp, dq):
    """Write the derivatives of the product of one scale's term and all others, which stand before and behind it."""
    for j in range(dq.shape[0]):
        x, y = xs[j], ys[j]
        by_q = f32(2) * before[j] * behind[j] / ((ps[j] - x * x - y * y) + floor2)
        by_p = -by_q * ratio[j]
        dp[j] = by_p
        dq[j] = by_q
        dx[j] = -by_q * y - by_p * x
        dy[j] = -by_q * x - by_p * y


@compile_kernel(**BARE)
def _luminance_slopes(xs, ys, offset1, offset2, floor1, luminance, rest, gradient, factor, dx, dy):
    """Add the derivatives of the product of the luminance term and the rest."""
    for j in range(dy.shape[0]):
        a, b = xs[j] + offset1, ys[j] + offset2
        ratio = f32(2) * factor * gradient[j] * rest[j] / (a * a + b * b + floor1)
        dx[j] += ratio * (b - luminance[j] * a)
        dy[j] += ratio * (a - luminance[j] * b)


@compile_kernel(**BARE)
def _scale(row, factor, result):
    for j in range(result.shape[0]):
        result[j] = row[j] * factor


@compile_kernel(**BARE)
def _multiply(first, second, result):
    for j in range(result.shape[0]):
        result[j] = first[j] * second[j]


@compile_kernel(**BARE)
def slopes(
    kind, moments, scales, step, size, offset1, offset2, constants, gradient, factor, terms, result, result_step,
    row_step, lead,
):  # fmt: skip
    """Write rows of the derivatives by all moments times `factor` times the gradient, each from place `lead` on."""
    floor1, floor2, count = constants[0], constants[1], gradient.shape[0]
    if kind != MULTISCALE:
        x, y, p, q = moments[0:size], moments[size : 2 * size], moments[2 * size : 3 * size], moments[3 * size :]
        dx, dy, dp, dq = _rows(result, lead, row_step, count)
        _slopes(kind, x, y, p, q, offset1, offset2, floor1, floor2, constants[2], gradient, factor, dx, dy, dp, dq)
        return
    # The terms of all scales, the products of those before each, that of those behind, and the luminance.
    ratios, before = terms[0:scales, 0:count], terms[scales : 2 * scales, 0:count]
    behind, luminance = terms[2 * scales, 0:count], terms[2 * scales + 1, 0:count]
    part = moments[(scales - 1) * step :]
    _luminances(part[0:size], part[size : 2 * size], offset1, offset2, floor1, luminance)
    for j in range(count):
        behind[j] = f32(1)
        before[0, j] = -constants[2] * factor * gradient[j] * luminance[j]
    for scale in range(scales):
        part, ratio = moments[scale * step :], ratios[scale]
        for j in range(count):
            ratio[j] = f32(1)
        x, y, p, q = part[0:size], part[size : 2 * size], part[2 * size : 3 * size], part[3 * size : 4 * size]
        _structures(x, y, p, q, floor2, ratio)
        if scale + 1 < scales:
            _multiply(before[scale], ratio, before[scale + 1])
    for scale in range(scales - 1, -1, -1):
        part = moments[scale * step :]
        dx, dy, dp, dq = _rows(result, scale * result_step + lead, row_step, count)
        _structure_slopes(
            part[0:size], part[size : 2 * size], part[2 * size : 3 * size], ratios[scale], before[scale], behind,
            floor2, dx, dy, dp, dq,
        )  # fmt: skip
        _multiply(behind, ratios[scale], behind)
    start = (scales - 1) * result_step + lead
    part = moments[(scales - 1) * step :]
    dx, dy, _, _ = _rows(result, start, row_step, count)
    _luminance_slopes(
        part[0:size], part[size : 2 * size], offset1, offset2, floor1, luminance, behind, gradient,
        -constants[2] * factor, dx, dy,
    )  # fmt: skip
    start += 4 * row_step
    _scale(gradient, constants[3] * factor, result[start : start + count])


@compile_kernel(inline="always")
def _rows(result, start, step, count):
    return (
        result[start : start + count],
        result[start + step : start + step + count],
        result[start + 2 * step : start + 2 * step + count],
        result[start + 3 * step : start + 3 * step + count],
    )


@compile_kernel(**BARE)
def _gather(first, second, offset1, offset2, by_x, by_p, by_q, factor, result):
    if result.shape[0] >= lanes(result):
        vector1, vector2, factors = splat(offset1), splat(offset2), splat(factor)
        for step in range(steps(result)):
            j = place(step, result)
            squares = (load(first, j) - vector1) * load(by_p, j)
            products = (load(second, j) - vector2) * load(by_q, j)
            store(result, j, factors * (load(by_x, j) + squares + products))
    else:
        for j in range(result.shape[0]):
            result[j] = factor * (by_x[j] + (first[j] - offset1) * by_p[j] + (second[j] - offset2) * by_q[j])


@compile_kernel(**BARE)
def _add_signs(first, second, by_difference, result):
    for j in range(result.shape[0]):
        difference = first[j] - second[j]
        sign = f32(1) if difference > f32(0) else f32(0)
        sign = f32(-1) if difference < f32(0) else sign
        result[j] += sign * by_difference[j]


@compile_kernel(**BARE)
def gather(kind, first, second, offset1, offset2, by_x, by_p, by_q, by_difference, factor, result):
    """Write a row of the gradient to the first image from the blurred derivatives."""
    _gather(first, second, offset1, offset2, by_x, by_p, by_q, factor, result)
    if kind == MULTISCALE:
        _add_signs(first, second, by_difference, result)
