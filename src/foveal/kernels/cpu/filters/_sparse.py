# SPDX-License-Identifier: Apache-2.0
"""Correlation with a kernel of few taps: a motion's line touches a ninth of a window of nine by nine.

A row and the rows around it, surrounded by their border, stay in a ring in the cache; a result row is the sum of
shifted rows times taps, three at a time. Floor: one read and one write of the image.
"""

from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32


def sparse(image: Tensor, weights: np.ndarray[Any, Any], border_type: str) -> Tensor:
    """Correlate images (B, C, H, W) with odd kernels (1 or B, kH, kW), whose taps of zero are left out."""
    channels, height, width = image.shape[1:]
    rows, columns = weights.shape[1:]
    places = [np.argwhere(kernel) for kernel in weights]
    most = max(3, *(len(found) for found in places))
    taps = np.zeros((len(weights), most), f32)
    offsets = np.zeros((len(weights), most, 2), np.int64)
    counts = np.zeros(len(weights), np.int64)
    for number, found in enumerate(places):
        counts[number] = len(found)
        taps[number, : len(found)] = weights[number][tuple(found.T)]
        offsets[number, : len(found)] = found
    result = empty(*image.shape)
    planes, target = (array.reshape(-1, height, width) for array in (as_array(image), result.numpy()))
    parallel_for(
        _sparse, len(planes) * height, planes, channels, taps, offsets, counts,
        sources(height, rows // 2, rows // 2, border_type), sources(width, columns // 2, columns // 2, border_type),
        rows, target, work=planes.size,
    )  # fmt: skip
    return result


@compile_kernel
def _surround(row, margin, column_sources, padded):
    width = row.shape[0]
    padded[margin : margin + width] = row
    for j in range(margin):
        left, right = column_sources[j], column_sources[margin + width + j]
        padded[j] = row[left] if left >= 0 else f32(0)
        padded[margin + width + j] = row[right] if right >= 0 else f32(0)


@compile_kernel
def _sparse(start, stop, planes, channels, all_taps, all_offsets, counts, row_sources, column_sources, rows, result):
    height, width = planes.shape[1:]
    margin = (column_sources.shape[0] - width) // 2
    ring = np.empty((rows, width + 2 * margin), f32)
    done = -1
    for number in range(start, stop):
        index, i = number // height, number % height
        own = (index // channels) % all_taps.shape[0]
        taps, offsets, count, out = all_taps[own], all_offsets[own], counts[own], result[index, i]
        if number == start or i == 0:
            done = i - 1
        while done < i + rows - 1:
            done += 1
            source = row_sources[done]
            if source >= 0:
                _surround(planes[index, source], margin, column_sources, ring[done % rows])
            else:
                ring[done % rows, :] = f32(0)
        out[:] = f32(0)
        for k in range(0, count - 2, 3):
            _add_three(
                _shifted(ring, i, offsets[k], width), _shifted(ring, i, offsets[k + 1], width),
                _shifted(ring, i, offsets[k + 2], width), taps[k], taps[k + 1], taps[k + 2], out,
            )  # fmt: skip
        for k in range(count - count % 3, count):
            _add(_shifted(ring, i, offsets[k], width), taps[k], out)


@compile_kernel
def _shifted(ring, i, offset, width):
    return ring[(i + offset[0]) % ring.shape[0], offset[1] : offset[1] + width]


@compile_kernel
def _add_three(row0, row1, row2, tap0, tap1, tap2, out):
    for j in range(out.shape[0]):
        out[j] += tap0 * row0[j] + tap1 * row1[j] + tap2 * row2[j]


@compile_kernel
def _add(row, tap, out):
    for j in range(out.shape[0]):
        out[j] += tap * row[j]
