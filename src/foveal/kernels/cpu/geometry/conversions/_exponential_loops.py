# SPDX-License-Identifier: Apache-2.0
"""Loops of the exponential of vectors, unit quaternions, and of its inverse, with their adjoints."""

import functools
from collections.abc import Callable

import numpy as np

from foveal.geometry.conversions._series import ARCTANGENT_BOUND
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import select
from foveal.kernels.cpu.geometry.conversions._rows import ROWS, u
from foveal.kernels.cpu.geometry.conversions._trigonometry import (
    HALF,
    ONE,
    PI,
    TINY,
    ZERO,
    angle_ratio,
    angle_ratio_slopes,
    at_least,
    sine_cosine,
    stumpff,
)

f32 = np.float32
# A shorter vector has a sine equal to itself.
SHORT = f32(1e-30)
# A vector that is not longer has no direction where the scalar part is not positive.
EPS = 1e-8
_EPS_SQUARE, _BOUND = f32(EPS * EPS), f32(ARCTANGENT_BOUND)


@functools.cache
def exponential(scale: np.float32) -> Callable[..., None]:
    """Make the loop that writes cosine and sine of `scale` times vectors."""

    @compile_kernel(**ROWS)
    def loop(start, stop, vectors, quaternions):
        vectors, quaternions = vectors[3 * start : 3 * stop], quaternions[4 * start : 4 * stop]
        for i in range(u(stop - start)):
            p, o = u(3) * i, u(4) * i
            x, y, z = vectors[p], vectors[p + u(1)], vectors[p + u(2)]
            angle = at_least(scale * np.sqrt(x * x + y * y + z * z), SHORT)
            sine, cosine = sine_cosine(angle)
            ratio = scale * sine / angle
            quaternions[o] = cosine
            quaternions[o + u(1)] = ratio * x
            quaternions[o + u(2)] = ratio * y
            quaternions[o + u(3)] = ratio * z

    return loop


@functools.cache
def exponential_adjoint(scale: np.float32) -> Callable[..., None]:
    """Make the adjoint. With c1 and c2 of the scaled vector h: cos = 1 - h^2 c2, and c1 has the slope (c3 - c2) / 2."""

    @compile_kernel(**ROWS)
    def loop(start, stop, vectors, gradients, result):
        vectors, gradients = vectors[3 * start : 3 * stop], gradients[4 * start : 4 * stop]
        result = result[3 * start : 3 * stop]
        for i in range(u(stop - start)):
            p, o = u(3) * i, u(4) * i
            x, y, z = scale * vectors[p], scale * vectors[p + u(1)], scale * vectors[p + u(2)]
            w, a, b, c = gradients[o], gradients[o + u(1)], gradients[o + u(2)], gradients[o + u(3)]
            first, second, third, _ = stumpff(x * x + y * y + z * z)
            # The slope of the cosine in h^2 is -c1 / 2.
            radial = (a * x + b * y + c * z) * (third - second) - w * first
            result[p] = scale * (first * a + radial * x)
            result[p + u(1)] = scale * (first * b + radial * y)
            result[p + u(2)] = scale * (first * c + radial * z)

    return loop


@compile_kernel(inline="always")
def _logarithm_ratio(w, length):
    """Return atan2(n, w) / n for n^2 = `length`, and whether there is no direction: then the ratio is one."""
    lost = (length <= _EPS_SQUARE) & ((w <= ZERO) | (length >= _BOUND * w * w))
    flat = angle_ratio(length, abs(w))
    ratio = select(w < ZERO, PI / np.sqrt(at_least(length, TINY)) - flat, flat)
    return select(lost, ONE, ratio), lost


@compile_kernel(**ROWS)
def logarithm(start, stop, quaternions, vectors):
    """Write the logarithms of quaternions of any length."""
    quaternions, vectors = quaternions[4 * start : 4 * stop], vectors[3 * start : 3 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(3) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        ratio, _ = _logarithm_ratio(w, x * x + y * y + z * z)
        vectors[o] = ratio * x
        vectors[o + u(1)] = ratio * y
        vectors[o + u(2)] = ratio * z


@compile_kernel(**ROWS)
def logarithm_adjoint(start, stop, quaternions, gradients, result):
    """The ratio has the slopes (w / (n^2 + w^2) - ratio) / (2 n^2) in n^2, and -1 / (n^2 + w^2) in w."""
    quaternions, gradients = quaternions[4 * start : 4 * stop], gradients[3 * start : 3 * stop]
    result = result[4 * start : 4 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(3) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        a, b, c = gradients[o], gradients[o + u(1)], gradients[o + u(2)]
        length = x * x + y * y + z * z
        ratio, lost = _logarithm_ratio(w, length)
        flat, by_w = angle_ratio_slopes(length, abs(w), ratio)
        back = HALF * (-w * by_w - ratio) / at_least(length, TINY)
        by_length = select(lost, ZERO, select(w < ZERO, back, flat))
        along = a * x + b * y + c * z
        radial = f32(2) * along * by_length
        result[p] = select(lost, ZERO, along * by_w)
        result[p + u(1)] = ratio * a + radial * x
        result[p + u(2)] = ratio * b + radial * y
        result[p + u(3)] = ratio * c + radial * z
