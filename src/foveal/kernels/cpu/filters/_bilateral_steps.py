# SPDX-License-Identifier: Apache-2.0
"""The passes of bilateral blurs: what one neighbour adds to many pixels.

`there` are values at the neighbour and `here` those at the pixel, of one channel each. A distance `d` is the sum of
|difference| over the channels for "l1" and that of its square for "l2"; the weight is 2^(place - scale d^2), or
2^(place - scale d).
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._exp import exp2

f32 = np.float32


@compile_kernel(**BARE)
def three(there0, there1, there2, here0, here1, here2, l1, scale, place, total, sum0, sum1, sum2):
    """Add a neighbour's weight, and its three colours times it, to what they sum up to."""
    if l1:
        for x in range(total.shape[0]):
            red, green, blue = there0[x], there1[x], there2[x]
            d = abs(red - here0[x]) + abs(green - here1[x]) + abs(blue - here2[x])
            weight = exp2(place - d * d * scale)
            total[x] += weight
            sum0[x] += weight * red
            sum1[x] += weight * green
            sum2[x] += weight * blue
    else:
        for x in range(total.shape[0]):
            red, green, blue = there0[x], there1[x], there2[x]
            r, g, b = red - here0[x], green - here1[x], blue - here2[x]
            weight = exp2(place - (r * r + g * g + b * b) * scale)
            total[x] += weight
            sum0[x] += weight * red
            sum1[x] += weight * green
            sum2[x] += weight * blue


@compile_kernel(**BARE)
def differ(there, here, l1, d):
    """Add the distance in one channel."""
    if l1:
        for x in range(d.shape[0]):
            d[x] += abs(there[x] - here[x])
    else:
        for x in range(d.shape[0]):
            d[x] += (there[x] - here[x]) * (there[x] - here[x])


@compile_kernel(**BARE)
def weigh(d, l1, scale, place, weights):
    """Write weights."""
    if l1:
        for x in range(d.shape[0]):
            weights[x] = exp2(place - d[x] * d[x] * scale)
    else:
        for x in range(d.shape[0]):
            weights[x] = exp2(place - d[x] * scale)


@compile_kernel(**BARE)
def add(values, total):
    """Add values."""
    for x in range(total.shape[0]):
        total[x] += values[x]


@compile_kernel(**BARE)
def add_times(weights, values, total):
    """Add values times weights."""
    for x in range(total.shape[0]):
        total[x] += weights[x] * values[x]


@compile_kernel(**BARE)
def add_signed(slopes, there, here, l1, total):
    """Add slopes times the derivative of `d` (or of its half, for "l2") by the value here."""
    if l1:
        for x in range(total.shape[0]):
            difference = here[x] - there[x]
            up = slopes[x] if difference > f32(0) else f32(0)
            down = slopes[x] if difference < f32(0) else f32(0)
            total[x] += up - down
    else:
        for x in range(total.shape[0]):
            total[x] += slopes[x] * (here[x] - there[x])


@compile_kernel(**BARE)
def add_cross(share_there, here, share_here, there, total):
    """Add what the two pixels' gradients say of each other's value in one channel."""
    for x in range(total.shape[0]):
        total[x] += share_there[x] * here[x] + share_here[x] * there[x]


@compile_kernel(**BARE)
def slope(weights, pulls, d, l1, factor, slopes):
    """Write the derivative by the distance: weight times pull times factor, and times d for "l1"."""
    if l1:
        for x in range(slopes.shape[0]):
            slopes[x] = factor * weights[x] * pulls[x] * d[x]
    else:
        for x in range(slopes.shape[0]):
            slopes[x] = factor * weights[x] * pulls[x]


@compile_kernel(**BARE)
def divide(sums, total, result):
    """Write means."""
    for x in range(result.shape[0]):
        result[x] = sums[x] / total[x]
