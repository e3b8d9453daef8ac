# SPDX-License-Identifier: Apache-2.0
"""The adjoint of bilateral blurs, gathered: what each pixel of the surrounded image gets from all windows it lies in.

With Z(p) the total of the weights of a window and g(p) the gradient to its mean m(p), let the share be s = g / Z and
the rest r = s . m, both 0 outside the image. A pixel q gets sum_p w(p, q) s(p) for its value; the derivative by the
logarithm of a weight is w(p, q) (s(p) . v(q) - r(p)), and as weights do not change when p and q do, the colour of q
gets both that of (p, q) and that of (q, p), times the derivative of -d^2 / 2 sigma^2. Gradients to pixels that lie
outside are added up where these come from.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import copy, set_all
from foveal.kernels.cpu.filters._bilateral_loops import load, tiling
from foveal.kernels.cpu.filters._bilateral_steps import (
    add,
    add_cross,
    add_signed,
    add_times,
    differ,
    slope,
    weigh,
)

f32 = np.float32


@compile_kernel(**BARE)
def share(start, stop, gradient, mean, totals, shares, rests):
    """Write s = g / Z and -r = -s . m, for rows of all images."""
    size = gradient.shape[2]
    for line in range(start, stop):
        index, y = line // size, line % size
        rest, total = rests[index, 0, y], totals[index, y]
        set_all(rest, f32(0))
        for c in range(gradient.shape[1]):
            _share(gradient[index, c, y], mean[index, c, y], total, shares[index, c, y], rest)


@compile_kernel(**BARE)
def _share(gradient, mean, total, shares, rest):
    for x in range(rest.shape[0]):
        shares[x] = gradient[x] / total[x]
        rest[x] -= shares[x] * mean[x]


@compile_kernel
def gather(
    start, stop, image, guide, joint, shares, rests, to_image, to_guide, sums,
    rows, columns, own_rows, own_columns, places, scales, factors, l1,
):  # fmt: skip
    """Fill rows start to stop of the gradients to the surrounded images, counted through all of them.

    `image`, `guide`, `joint`, `places`, `scales` and `l1` are those of `blur`, `shares` and `rests` are s (B, C, H, W)
    and -r (B, 1, H, W). `to_image` is the gradient to the surrounded image, (B, C, H + h - 1, W + w - 1), and
    `to_guide` that to the guide, of no channel where it is not wanted; `to_image` itself unless `joint`. `sums` holds,
    by row, the sums of the derivatives by the logarithms of weights times dy^2, dx^2 and the squared distance; no row:
    not wanted. `rows` and `columns` say what the image shows that is surrounded twice over, -1 beyond the first time,
    `own_rows` and `own_columns` the same without a border. `factors` is -1 / sigma^2 of the colours, (B,).
    """
    across, deep, pitch = tiling(to_image.shape[3], places.shape[2])
    length = (deep + places.shape[1]) * pitch
    images = np.zeros((image.shape[1], length), f32)
    guides = np.zeros((guide.shape[1], length), f32) if joint else images
    pulls = np.zeros((image.shape[1] + 1, length), f32)
    scratch = np.zeros((4, deep * pitch), f32)
    found = np.zeros((to_image.shape[1], deep * pitch), f32)
    guided = np.zeros((to_guide.shape[1], deep * pitch), f32) if joint else found
    outside = np.zeros(image.shape[3], f32)
    _gather(
        start, stop, image, guide, joint, shares, rests, to_image, to_guide, sums,
        rows, columns, own_rows, own_columns, places, scales, factors, l1,
        across, deep, pitch, images, guides, pulls, scratch, found, guided, outside,
    )  # fmt: skip


@compile_kernel(**BARE)
def _gather(
    start, stop, image, guide, joint, shares, rests, to_image, to_guide, sums,
    rows, columns, own_rows, own_columns, places, scales, factors, l1,
    across, deep, pitch, images, guides, pulls, scratch, found, guided, outside,
):  # fmt: skip
    size, line = to_image.shape[2], to_image.shape[3]
    height, width = places.shape[1], places.shape[2]
    lead = width // 2 * 2
    channels = image.shape[1]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        for y in range(first, last, deep):
            count = min(deep, last - y)
            tall = count + height - 1
            for x in range(0, line, across):
                part = min(across, line - x)
                n = (count - 1) * pitch + part
                within = part + width - 1
                load(image[index], y, tall, x, within, lead, rows, columns, pitch, outside, images)
                if joint:
                    load(guide[index], y, tall, x, within, lead, rows, columns, pitch, outside, guides)
                own = pulls[0:channels]
                load(shares[index], y, tall, x, within, lead, own_rows, own_columns, pitch, outside, own)
                own = pulls[channels : channels + 1]
                load(rests[index], y, tall, x, within, lead, own_rows, own_columns, pitch, outside, own)
                for c in range(found.shape[0]):
                    set_all(found[c, 0:n], f32(0))
                for c in range(guided.shape[0] if joint else 0):
                    set_all(guided[c, 0:n], f32(0))
                _neighbours(
                    images, guides, pulls, scratch, found, guided, sums[index, y : y + sums.shape[1]],
                    places[index], scales[index], factors[index], l1, pitch, n, count, part,
                )  # fmt: skip
                for i in range(count):
                    for c in range(found.shape[0]):
                        copy(found[c, i * pitch : i * pitch + part], to_image[index, c, y + i, x : x + part])
                    for c in range(guided.shape[0] if joint else 0):
                        copy(guided[c, i * pitch : i * pitch + part], to_guide[index, c, y + i, x : x + part])


@compile_kernel(**BARE)
def _neighbours(
    images, guides, pulls, scratch, found, guided, sums, places, scale, factor, l1, pitch, n, count, part
):  # fmt: skip
    height, width = places.shape
    middle = height // 2 * pitch + width // 2
    channels = images.shape[0]
    d, weights, pull, slopes = scratch[0, 0:n], scratch[1, 0:n], scratch[2, 0:n], scratch[3, 0:n]
    for i in range(height):
        for j in range(width):
            shift = i * pitch + j
            set_all(d, f32(0))
            for c in range(guides.shape[0]):
                differ(guides[c, shift : shift + n], guides[c, middle : middle + n], l1, d)
            weigh(d, l1, scale, places[i, j], weights)
            for c in range(found.shape[0]):
                add_times(weights, pulls[c, shift : shift + n], found[c, 0:n])
            if guided.shape[0] > 0:
                set_all(pull, f32(0))
                add(pulls[channels, shift : shift + n], pull)
                add(pulls[channels, middle : middle + n], pull)
                for c in range(channels):
                    add_cross(
                        pulls[c, shift : shift + n], images[c, middle : middle + n],
                        pulls[c, middle : middle + n], images[c, shift : shift + n], pull,
                    )  # fmt: skip
                slope(weights, pull, d, l1, factor, slopes)
                for c in range(guided.shape[0]):
                    add_signed(
                        slopes, guides[c, shift : shift + n], guides[c, middle : middle + n], l1, guided[c, 0:n]
                    )  # fmt: skip
            if sums.shape[0] > 0:
                set_all(pull, f32(0))
                add(pulls[channels, middle : middle + n], pull)
                for c in range(channels):
                    add_times(pulls[c, middle : middle + n], images[c, shift : shift + n], pull)
                for k in range(count):
                    begin, end = k * pitch, k * pitch + part
                    alone, by_distance = _sensitivity(weights[begin:end], pull[begin:end], d[begin:end], l1)
                    sums[k, 0] += alone * (i - height // 2) ** 2
                    sums[k, 1] += alone * (j - width // 2) ** 2
                    sums[k, 2] += by_distance


@compile_kernel(**BARE)
def _sensitivity(weights, pull, d, l1):
    """Return the sums of the derivatives by the logarithms of weights, and of these times the (squared) distance."""
    alone, by_distance = f32(0), f32(0)
    for x in range(d.shape[0]):
        value = weights[x] * pull[x]
        alone += value
        by_distance += value * (d[x] * d[x] if l1 else d[x])
    return alone, by_distance


@compile_kernel(**BARE)
def fold(start, stop, surrounded, result, rows, columns, lead):
    """Add the pixels of surrounded planes (count, H + h - 1, W + w - 1) up where they come from."""
    across = result.shape[2]
    for index in range(start, stop):
        for y in range(result.shape[1]):
            set_all(result[index, y], f32(0))
        for y in range(rows.shape[0]):
            target = rows[y]
            if target < 0:
                continue
            row, into = surrounded[index, y], result[index, target]
            add(row[lead : lead + across], into)
            for x in range(lead):
                if columns[x] >= 0:
                    into[columns[x]] += row[x]
            for x in range(lead + across, columns.shape[0]):
                if columns[x] >= 0:
                    into[columns[x]] += row[x]
