# SPDX-License-Identifier: Apache-2.0
"""What warps of volumes and their adjoints share: where sixteen voxels along a row of the result come from."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._gather import SIDE, across, divide, down, flatten, floor, gather, to_indices, where_equal
from foveal.kernels.cpu._vector import splat
from foveal.kernels.cpu.geometry.transform._warp_tiles import EPS, clamp, confine, weigh

f32 = np.float32
i32 = np.int32


@compile_kernel(inline="always")
def start_row(m, k, i):
    """Return the numerators and the scale of the first voxel of a row of the result."""
    return (
        (m[1] * i + m[2] * k) + m[3], (m[5] * i + m[6] * k) + m[7],
        (m[9] * i + m[10] * k) + m[11], (m[13] * i + m[14] * k) + m[15],
    )  # fmt: skip


@compile_kernel(inline="always")
def lane():
    """Return 0 to 15."""
    return across() + splat(f32(SIDE)) * down()


@compile_kernel(inline="always")
def _along(slope, start):
    return splat(f32(start)) + splat(f32(slope)) * lane()


@compile_kernel(inline="always")
def place_voxels(m, row, j):
    """Return where a homography sends sixteen voxels of a row from the j-th on, and what that was divided by."""
    scale = _along(m[12], m[12] * j + row[3])
    scale = where_equal(scale, splat(f32(0)), splat(f32(EPS)), scale)
    x, y, z = _along(m[0], m[0] * j + row[0]), _along(m[4], m[4] * j + row[1]), _along(m[8], m[8] * j + row[2])
    return divide(x, scale), divide(y, scale), divide(z, scale), scale


@compile_kernel(inline="always")
def taps(position, size, border, nearest):
    """Return the lower voxels of an axis that positions mix, and the weights of them and the next ones."""
    if border:
        position = clamp(position, f32(size - 1))
    if nearest:
        position = floor(position + splat(f32(0.5)))
    return weigh(position, size)


@compile_kernel(inline="always")
def slices_of(low_z, first, last):
    """Return the two slices that each position mixes, moved into a range."""
    next_z = low_z + splat(f32(1))
    return to_indices(confine(low_z, first, last)), to_indices(confine(next_z, first, last))


@compile_kernel(inline="always")
def gather_slice(volume, corners, slices, size):
    """Return four voxels of one slice at each position, of `size` voxels a slice."""
    a, b, c, d = corners
    return (
        gather(volume, flatten(slices, a, i32(size))), gather(volume, flatten(slices, b, i32(size))),
        gather(volume, flatten(slices, c, i32(size))), gather(volume, flatten(slices, d, i32(size))),
    )  # fmt: skip
