# SPDX-License-Identifier: Apache-2.0
"""Central differences of volumes along x, y and z, row by row, and their adjoint.

The border is replicated: d[0] = (v[1] - v[0]) / 2 at the first place, and likewise at the last one. Backwards, the
gradient at a place is (g[before] - g[behind]) / 2, where g changes its sign when it is read beyond an end.
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel

f32 = np.float32
HALF, ONE = f32(0.5), f32(1)


@compile_kernel(inline="always")
def _difference(before, behind, result):
    for j in range(result.shape[0]):
        result[j] = HALF * (behind[j] - before[j])


@compile_kernel
def volume_differences(start, stop, volumes, result):
    """Write the three derivatives of the rows `start` to `stop` of all volumes."""
    depth, height, width = volumes.shape[1:]
    for number in range(start, stop):
        index, place = number // (depth * height), number % (depth * height)
        z, y = place // height, place % height
        volume, row = volumes[index], volumes[index, z, y]
        out, last = result[index, 0, z, y], width - 1
        out[0] = HALF * (row[min(1, last)] - row[0])
        out[last] = HALF * (row[last] - row[max(last - 1, 0)])
        if width > 2:
            _difference(row[0 : width - 2], row[2:width], out[1:last])
        _difference(volume[z, max(y - 1, 0)], volume[z, min(y + 1, height - 1)], result[index, 1, z, y])
        _difference(volume[max(z - 1, 0), y], volume[min(z + 1, depth - 1), y], result[index, 2, z, y])


@compile_kernel(inline="always")
def _pull(before, behind, sign_before, sign_behind, result):
    for j in range(result.shape[0]):
        result[j] += HALF * (sign_before * before[j] - sign_behind * behind[j])


@compile_kernel
def volume_differences_adjoint(start, stop, gradients, result):
    """Write the gradients to the rows; those to the derivatives may have a side of one, which stands for all."""
    depth, height, width = result.shape[1:]
    volumes, axes, planes, rows = gradients.shape[:4]
    for number in range(start, stop):
        index, place = number // (depth * height), number % (depth * height)
        z, y = place // height, place % height
        gradient, out, last = gradients[index % volumes], result[index, z, y], width - 1
        row = gradient[0, z % planes, y % rows]
        # Beyond both ends stands the row's own end with its sign turned.
        out[0] = -HALF * (row[0] + row[min(1, last)])
        out[last] = HALF * (row[max(last - 1, 0)] + row[last])
        if width == 1:
            out[0] = f32(0)
        if width > 2:
            _difference(row[2:width], row[0 : width - 2], out[1:last])
        above, below = max(y - 1, 0), min(y + 1, height - 1)
        along_y = gradient[1 % axes, z % planes]
        _pull(
            along_y[above % rows], along_y[below % rows], ONE if above < y else -ONE, ONE if below > y else -ONE, out
        )  # fmt: skip
        above, below = max(z - 1, 0), min(z + 1, depth - 1)
        along_z = gradient[2 % axes]
        _pull(
            along_z[above % planes, y % rows], along_z[below % planes, y % rows],
            ONE if above < z else -ONE, ONE if below > z else -ONE, out,
        )  # fmt: skip
