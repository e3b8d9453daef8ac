# SPDX-License-Identifier: Apache-2.0
"""Loops of the focal loss of classes, over blocks of pixels."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._power import log2, power
from foveal.kernels.cpu.losses._softmax import BLOCK, LOG2_E, exponentials, largest, sums_of_exponentials

f32 = np.float32
LN_2 = f32(np.log(2))


@compile_kernel(inline="always")
def _to_gamma(missed, gamma):
    """Return missed^gamma; 0^0 is 1."""
    found = f32(1.0) if gamma == f32(0.0) else f32(0.0)
    if missed > f32(0.0):
        found = missed * missed if gamma == f32(2.0) else power(missed, gamma)
    return found


@compile_kernel
def focal_losses(start, stop, blocks, image, labels, ignore, factors, gamma, result, sums, outside):
    classes, pixels = image.shape[1], image.shape[2]
    top, total, own = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    factor, loss = np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    for block in range(start, stop):
        index, begin = block // blocks, block % blocks * BLOCK
        end = min(begin + BLOCK, pixels)
        largest(image, index, begin, end, top)
        sums_of_exponentials(image, index, begin, end, top, total)
        row = labels[index, begin:end]
        for j in range(row.shape[0]):
            label, counts = row[j], row[j] != ignore
            wrong = counts and (label < 0 or label >= classes)
            outside[block] = outside[block] or wrong
            counts = counts and not wrong
            own[j] = image[index, label, begin + j] - top[j] if counts else f32(0.0)
            factor[j] = factors[label] if counts else f32(0.0)
        for j in range(row.shape[0]):
            loss[j] = (total[j] - exp2(own[j] * LOG2_E)) / total[j]
            # The logarithm of a NaN means nothing.
            own[j] = own[j] - log2(total[j]) * LN_2 if total[j] == total[j] else total[j]
        part = 0.0
        for j in range(row.shape[0]):
            found = -factor[j] * _to_gamma(loss[j], gamma) * own[j] if factor[j] != f32(0.0) else f32(0.0)
            loss[j] = found
            part += found
        sums[block] = part
        if result.shape[2] > 0:
            for c in range(classes):
                plane = result[index, c, begin:end]
                for j in range(plane.shape[0]):
                    plane[j] = loss[j] if row[j] == c and row[j] != ignore else f32(0.0)


@compile_kernel
def focal_slopes(start, stop, blocks, image, labels, ignore, factors, gamma, gradient, result):
    classes, pixels = image.shape[1], image.shape[2]
    top, total = np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    for block in range(start, stop):
        index, begin = block // blocks, block % blocks * BLOCK
        end = min(begin + BLOCK, pixels)
        largest(image, index, begin, end, top)
        exponentials(image, index, begin, end, top, result, index, begin, total)
        row = labels[index, begin:end]
        for j in range(row.shape[0]):
            slope, missed = f32(0.0), f32(0.0)
            if row[j] != ignore:
                label = row[j]
                g = gradient[index, label, begin + j] if gradient.shape[2] > 1 else gradient[0, 0, 0]
                p = result[index, label, begin + j] / total[j]
                missed = (total[j] - result[index, label, begin + j]) / total[j]
                logarithm = image[index, label, begin + j] - top[j] - log2(total[j]) * LN_2
                slope = -_to_gamma(missed, gamma)
                if missed > f32(0.0) and gamma != f32(0.0):
                    slope += gamma * (-slope / missed) * p * logarithm
                slope *= factors[label] * g
            top[j] = slope * missed
            total[j] = slope / total[j]
        for c in range(classes):
            plane = result[index, c, begin:end]
            for j in range(plane.shape[0]):
                plane[j] = -plane[j] * total[j]
        for j in range(row.shape[0]):
            if row[j] != ignore:
                result[index, row[j], begin + j] = top[j]
