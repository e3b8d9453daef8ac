# SPDX-License-Identifier: Apache-2.0
"""Loops of the focal loss of classes, over blocks of pixels."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._power import log2, power
from foveal.kernels.cpu.losses._softmax import BLOCK, LOG2_E, exponentials, largest, sums_of_exponentials

f32 = np.float32
LN_2 = f32(np.log(2))


TINY = f32(np.finfo(np.float32).tiny)


@compile_kernel
def _to_gamma(missed, gamma, result):
    """Write missed^gamma; 0^0 is 1."""
    if gamma == f32(2.0):
        for j in range(missed.shape[0]):
            result[j] = missed[j] * missed[j]
        return
    nothing = f32(1.0) if gamma == f32(0.0) else f32(0.0)
    for j in range(missed.shape[0]):
        found = power(missed[j] if missed[j] > TINY else TINY, gamma)
        result[j] = found if missed[j] > f32(0.0) else nothing


@compile_kernel
def _logarithms(own, total, missed):
    """Turn the label's logit less the largest into log p, and write 1 - p."""
    for j in range(missed.shape[0]):
        missed[j] = (total[j] - exp2(own[j] * LOG2_E)) / total[j]
        # The logarithm of a NaN means nothing.
        logarithm = own[j] - log2(total[j]) * LN_2
        own[j] = logarithm if total[j] == total[j] else total[j]


@compile_kernel
def focal_losses(start, stop, blocks, image, labels, ignore, factors, gamma, result, sums, outside):
    classes, pixels = image.shape[1], image.shape[2]
    top, total, own = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    factor, missed, loss = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    for block in range(start, stop):
        index, begin = block // blocks, block % blocks * BLOCK
        end = min(begin + BLOCK, pixels)
        largest(image, index, begin, end, top)
        sums_of_exponentials(image, index, begin, end, top, total)
        row, size = labels[index, begin:end], end - begin
        for j in range(size):
            label, counts = row[j], row[j] != ignore
            wrong = counts and (label < 0 or label >= classes)
            outside[block] = outside[block] or wrong
            counts = counts and not wrong
            own[j] = image[index, label, begin + j] - top[j] if counts else f32(0.0)
            factor[j] = factors[label] if counts else f32(0.0)
        _logarithms(own[:size], total, missed[:size])
        _to_gamma(missed[:size], gamma, loss)
        part = f32(0.0)
        for j in range(size):
            found = -factor[j] * loss[j] * own[j]
            # Not 0 times infinity.
            found = found if factor[j] != f32(0.0) else f32(0.0)
            loss[j] = found
            part += found
        sums[block] = part
        if result.shape[2] > 0:
            for c in range(classes):
                plane = result[index, c, begin:end]
                for j in range(size):
                    plane[j] = loss[j] if row[j] == c and row[j] != ignore else f32(0.0)


@compile_kernel
def focal_slopes(start, stop, blocks, image, labels, ignore, factors, gamma, gradient, result):
    classes, pixels = image.shape[1], image.shape[2]
    top, total, own = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    factor, missed, focus = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    for block in range(start, stop):
        index, begin = block // blocks, block % blocks * BLOCK
        end = min(begin + BLOCK, pixels)
        largest(image, index, begin, end, top)
        exponentials(image, index, begin, end, top, result, index, begin, total)
        row, size = labels[index, begin:end], end - begin
        for j in range(size):
            own[j], factor[j] = f32(0.0), f32(0.0)
            if row[j] != ignore:
                own[j] = image[index, row[j], begin + j] - top[j]
                factor[j] = factors[row[j]]
                factor[j] *= gradient[index, row[j], begin + j] if gradient.shape[2] > 0 else f32(1.0)
        _logarithms(own[:size], total, missed[:size])
        _to_gamma(missed[:size], gamma, focus)
        for j in range(size):
            steep = focus[j] / missed[j] * gamma * (f32(1.0) - missed[j]) * own[j]
            slope = ((steep if missed[j] > f32(0.0) else f32(0.0)) - focus[j]) * factor[j]
            top[j] = slope * missed[j]
            total[j] = -slope / total[j] if factor[j] != f32(0.0) else f32(0.0)
        for c in range(classes):
            plane = result[index, c, begin:end]
            for j in range(size):
                # Selected, for NaN at ignored pixels has no slope either.
                plane[j] = plane[j] * total[j] if total[j] != f32(0.0) else f32(0.0)
        for j in range(size):
            if row[j] != ignore:
                result[index, row[j], begin + j] = top[j]
