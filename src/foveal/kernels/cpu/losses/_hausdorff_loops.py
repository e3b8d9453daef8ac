# SPDX-License-Identifier: Apache-2.0
"""Loops of the Hausdorff loss by erosion, over the planes (or volumes) of images and classes.

A plane is a volume of one slice; buffers have a border of zeros. An erosion is r = max(mean - 0.5, 0), scaled to
e = (r - low) / (high - low) where the two differ. Back through it, with the gradient g to e and R = high - low:
    to r        g / R, and of low and high  sum(g (e - 1)) / R  and  -sum(g e) / R,  shared by the pixels that have them
    to errors   the same mean of what goes to r > 0
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._maximum import maximum

f32 = np.float32
LOWEST = f32(np.finfo(np.float32).min)


@compile_kernel
def _write_errors(pred, labels, c, ignore, errors):
    for z in range(pred.shape[0]):
        for y in range(pred.shape[1]):
            row, label, found = pred[z, y], labels[z, y], errors[z + 1, y + 1, 1 : pred.shape[2] + 1]
            for j in range(row.shape[0]):
                difference = row[j] - (f32(1.0) if label[j] == c else f32(0.0))
                found[j] = difference * difference if label[j] != ignore else f32(0.0)


@compile_kernel
def _write_mean(source, z, y, width, divisor, found):
    """Write the mean of the pixels of a row and their neighbours."""
    row = source[z, y]
    left, middle, right = row[0:width], row[1 : width + 1], row[2 : width + 2]
    above, below = source[z, y - 1, 1 : width + 1], source[z, y + 1, 1 : width + 1]
    if divisor == f32(5.0):
        for j in range(found.shape[0]):
            found[j] = (middle[j] + above[j] + below[j] + left[j] + right[j]) / divisor
        return
    front, back = source[z - 1, y, 1 : width + 1], source[z + 1, y, 1 : width + 1]
    for j in range(found.shape[0]):
        total = middle[j] + front[j] + back[j] + above[j] + below[j] + left[j] + right[j]
        found[j] = total / divisor


@compile_kernel
def _erode(errors, rest, divisor):
    """Write what an erosion leaves, and return its least and largest value."""
    depth, height, width = errors.shape[0] - 2, errors.shape[1] - 2, errors.shape[2] - 2
    low, high = LOWEST, LOWEST
    for z in range(1, depth + 1):
        for y in range(1, height + 1):
            found = rest[z, y, 1 : width + 1]
            _write_mean(errors, z, y, width, divisor, found)
            for j in range(found.shape[0]):
                value = found[j] - f32(0.5)
                value = f32(0.0) if value < f32(0.0) else value
                found[j] = value
                low, high = maximum(low, -value), maximum(high, value)
    return -low, high


@compile_kernel
def _scale(rest, low, high, weight, errors, total):
    """Write what an erosion left in [0, 1], and add its weighted values to a total."""
    shift, extent = (low, high - low) if high > low else (f32(0.0), f32(1.0))
    width = rest.shape[2] - 2
    for z in range(1, rest.shape[0] - 1):
        for y in range(1, rest.shape[1] - 1):
            row, found, added = rest[z, y, 1 : width + 1], errors[z, y, 1 : width + 1], total[z - 1, y - 1]
            for j in range(row.shape[0]):
                value = (row[j] - shift) / extent
                found[j] = value
                added[j] += weight * value


@compile_kernel
def hausdorff_losses(start, stop, pred, labels, ignore, weights, divisor, result, sums):
    classes, depth, height, width = pred.shape[1:]
    errors, rest = np.zeros((2, depth + 2, height + 2, width + 2), f32)
    scratch = np.zeros((depth, height, width), f32)
    for plane in range(start, stop):
        b, c = plane // classes, plane % classes
        total = result[c, b] if result.shape[0] > 0 else scratch
        total[:] = f32(0.0)
        _write_errors(pred[b, c], labels[b], c, ignore, errors)
        for i in range(weights.shape[0]):
            low, high = _erode(errors, rest, divisor)
            if high == f32(0.0):
                break
            _scale(rest, low, high, weights[i], errors, total)
        for z in range(depth):
            for y in range(height):
                row, part = total[z, y], f32(0.0)
                for j in range(row.shape[0]):
                    part += row[j]
                sums[plane] += part


@compile_kernel
def _sums_back(rest, gradient, low, high):
    """Return the sums of the gradient and of its product with e, and how many pixels are lowest and highest."""
    total, weighted, lowest, highest = f32(0.0), f32(0.0), f32(0.0), f32(0.0)
    width = rest.shape[2] - 2
    for z in range(1, rest.shape[0] - 1):
        for y in range(1, rest.shape[1] - 1):
            row, g = rest[z, y, 1 : width + 1], gradient[z, y, 1 : width + 1]
            for j in range(row.shape[0]):
                total += g[j]
                weighted += g[j] * ((row[j] - low) / (high - low))
                lowest += f32(1.0) if row[j] == low else f32(0.0)
                highest += f32(1.0) if row[j] == high else f32(0.0)
    return total, weighted, lowest, highest


@compile_kernel
def _scale_back(rest, low, high, gradient):
    """Turn the gradient to scaled values into that to the means."""
    extent, to_low, to_high = f32(1.0), f32(0.0), f32(0.0)
    if high > low:
        extent = high - low
        total, weighted, lowest, highest = _sums_back(rest, gradient, low, high)
        to_low, to_high = (weighted - total) / extent / lowest, -weighted / extent / highest
    width = rest.shape[2] - 2
    for z in range(1, rest.shape[0] - 1):
        for y in range(1, rest.shape[1] - 1):
            row, g = rest[z, y, 1 : width + 1], gradient[z, y, 1 : width + 1]
            for j in range(row.shape[0]):
                found = g[j] / extent
                found += to_low if row[j] == low else f32(0.0)
                found += to_high if row[j] == high else f32(0.0)
                g[j] = found if row[j] > f32(0.0) else f32(0.0)


@compile_kernel
def hausdorff_slopes(start, stop, pred, labels, ignore, weights, divisor, gradient, result):
    classes, depth, height, width = pred.shape[1:]
    count = weights.shape[0]
    rests = np.zeros((count, depth + 2, height + 2, width + 2), f32)
    errors, back, slope = np.zeros((3, depth + 2, height + 2, width + 2), f32)
    scratch, ends = np.zeros((depth, height, width), f32), np.zeros((count, 2), f32)
    for plane in range(start, stop):
        b, c = plane // classes, plane % classes
        _write_errors(pred[b, c], labels[b], c, ignore, errors)
        used = 0
        for i in range(count):
            low, high = _erode(errors, rests[i], divisor)
            if high == f32(0.0):
                break
            ends[i, 0], ends[i, 1], used = low, high, i + 1
            _scale(rests[i], low, high, weights[i], errors, scratch)
        slope[:] = f32(0.0)
        for k in range(used):
            i = used - 1 - k
            for z in range(1, depth + 1):
                for y in range(1, height + 1):
                    row, g = slope[z, y, 1 : width + 1], gradient[c % gradient.shape[0], b % gradient.shape[1]]
                    g_row = g[(z - 1) % g.shape[0], (y - 1) % g.shape[1]]
                    for j in range(row.shape[0]):
                        row[j] += weights[i] * g_row[j]
            _scale_back(rests[i], ends[i, 0], ends[i, 1], slope)
            for z in range(1, depth + 1):
                for y in range(1, height + 1):
                    _write_mean(slope, z, y, width, divisor, back[z, y, 1 : width + 1])
            slope, back = back, slope
        for z in range(depth):
            for y in range(height):
                row, label, g = pred[b, c, z, y], labels[b, z, y], slope[z + 1, y + 1, 1 : width + 1]
                found = result[b, c, z, y]
                for j in range(row.shape[0]):
                    difference = row[j] - (f32(1.0) if label[j] == c else f32(0.0))
                    found[j] = f32(2.0) * difference * g[j] if label[j] != ignore else f32(0.0)
