# SPDX-License-Identifier: Apache-2.0
"""Linear maps of the channels: result = M pixel + b, one pass, and their adjoint: M^T gradient.

For bytes the ranges of both sides are folded into M and b.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from foveal.color._bytes import UNIT, ByteRange
from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._planes import (
    PIXELWISE,
    convert,
    convert_large,
    for_each_block,
    planes,
    planes_of_gradient,
    pull_back,
    round_span,
    span,
    to_byte,
)
from foveal.kernels.cpu._vector import LANES, load, splat, stream

f32 = np.float32

Matrix = Sequence[Sequence[float]]


def mix(
    image: Tensor, matrix: Matrix, bias: Sequence[float] = (0, 0, 0), *, clip: bool = False, taken: ByteRange = UNIT,
    given: ByteRange = UNIT,
) -> Tensor:  # fmt: skip
    """Map the three channels of each pixel.

    Args:
        image: (*, 3, H, W), float32 or uint8.
        matrix: M, three rows.
        bias: b.
        clip: clip the result to [0, 1].
        taken: range of bytes in `image`.
        given: range of bytes in the result.
    """
    weights, constants = np.array(matrix), np.array(bias)
    if image.dtype is torch.uint8:
        scale = np.broadcast_to(given.scale, 3)
        constants = scale * (constants - weights @ (np.broadcast_to(taken.offset, 3) / np.array(taken.scale)))
        constants = constants + np.broadcast_to(given.offset, 3)
        weights = scale[:, None] * weights / np.array(taken.scale)
        return convert(image, 3, _mix_bytes, f32(weights), f32(constants))
    if clip:
        return convert(image, 3, _mix_and_clip, f32(weights), f32(constants))
    return convert_large(image, 3, _mix, f32(weights), f32(constants))


def mix_adjoint(gradient: Tensor, matrix: Matrix) -> Tensor:
    """Pull the gradient of `mix` without clipping back."""
    result = empty(*gradient.shape)
    for_each_block(_mix_adjoint, planes(result), planes_of_gradient(gradient), f32(np.array(matrix)))
    return result


def clipped_mix_adjoint(image: Tensor, gradient: Tensor, matrix: Matrix, bias: Sequence[float]) -> Tensor:
    """Pull the gradient of `mix` with clipping back: through the values within [0, 1] alone."""
    return pull_back(image, gradient, _clipped_mix_adjoint, f32(np.array(matrix)), f32(np.array(bias)))


@compile_kernel(fastmath=PIXELWISE)
def _mix(start, stop, image, result, streamed, m, b):
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = (
        m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    )  # fmt: skip
    b0, b1, b2 = b[0], b[1], b[2]
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        x, y, z = image[index, 0, first:last], image[index, 1, first:last], image[index, 2, first:last]
        u, v, w = result[index, 0, first:last], result[index, 1, first:last], result[index, 2, first:last]
        if streamed:
            _stream_mix(x, y, z, u, v, w, m, b)
            continue
        for j in range(u.shape[0]):
            u[j] = m00 * x[j] + m01 * y[j] + m02 * z[j] + b0
            v[j] = m10 * x[j] + m11 * y[j] + m12 * z[j] + b1
            w[j] = m20 * x[j] + m21 * y[j] + m22 * z[j] + b2


@compile_kernel(**BARE)
def _stream_mix(x, y, z, u, v, w, m, b):
    """Write whole vectors of a large result past the caches: it need not be fetched from the memory before."""
    m00, m01, m02, b0 = splat(m[0, 0]), splat(m[0, 1]), splat(m[0, 2]), splat(b[0])
    m10, m11, m12, b1 = splat(m[1, 0]), splat(m[1, 1]), splat(m[1, 2]), splat(b[1])
    m20, m21, m22, b2 = splat(m[2, 0]), splat(m[2, 1]), splat(m[2, 2]), splat(b[2])
    for j in range(0, u.shape[0], LANES):
        xs, ys, zs = load(x, j), load(y, j), load(z, j)
        stream(u, j, m00 * xs + m01 * ys + m02 * zs + b0)
        stream(v, j, m10 * xs + m11 * ys + m12 * zs + b1)
        stream(w, j, m20 * xs + m21 * ys + m22 * zs + b2)


@compile_kernel(fastmath=PIXELWISE)
def _mix_adjoint(start, stop, result, gradient, m):
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = (
        m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    )  # fmt: skip
    for block in range(start, stop):
        index, first, last = span(block, result.shape[2])
        k, begin, end = round_span(index, first, last, gradient)
        p, q, r = gradient[k, 0, begin:end], gradient[k, 1, begin:end], gradient[k, 2, begin:end]
        x, y, z = result[index, 0, first:last], result[index, 1, first:last], result[index, 2, first:last]
        for j in range(x.shape[0]):
            x[j] = m00 * p[j] + m10 * q[j] + m20 * r[j]
            y[j] = m01 * p[j] + m11 * q[j] + m21 * r[j]
            z[j] = m02 * p[j] + m12 * q[j] + m22 * r[j]


@compile_kernel(inline="always")
def _clip(value):
    # Comparisons in this order keep NaN.
    value = f32(0.0) if value < f32(0.0) else value
    return f32(1.0) if value > f32(1.0) else value


@compile_kernel(fastmath=PIXELWISE)
def _mix_and_clip(start, stop, image, result, m, b):
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = (
        m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    )  # fmt: skip
    b0, b1, b2 = b[0], b[1], b[2]
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        x, y, z = image[index, 0, first:last], image[index, 1, first:last], image[index, 2, first:last]
        u, v, w = result[index, 0, first:last], result[index, 1, first:last], result[index, 2, first:last]
        for j in range(u.shape[0]):
            u[j] = _clip(m00 * x[j] + m01 * y[j] + m02 * z[j] + b0)
            v[j] = _clip(m10 * x[j] + m11 * y[j] + m12 * z[j] + b1)
            w[j] = _clip(m20 * x[j] + m21 * y[j] + m22 * z[j] + b2)


@compile_kernel(fastmath=PIXELWISE)
def _mix_bytes(start, stop, image, result, m, b):
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = (
        m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    )  # fmt: skip
    b0, b1, b2 = b[0], b[1], b[2]
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        x, y, z = image[index, 0, first:last], image[index, 1, first:last], image[index, 2, first:last]
        u, v, w = result[index, 0, first:last], result[index, 1, first:last], result[index, 2, first:last]
        for j in range(u.shape[0]):
            xj, yj, zj = f32(x[j]), f32(y[j]), f32(z[j])
            u[j] = to_byte(m00 * xj + m01 * yj + m02 * zj + b0)
            v[j] = to_byte(m10 * xj + m11 * yj + m12 * zj + b1)
            w[j] = to_byte(m20 * xj + m21 * yj + m22 * zj + b2)


@compile_kernel(inline="always")
def _passed(gradient, value):
    """Return the gradient where the value is not clipped."""
    return gradient if (value >= f32(0.0)) & (value <= f32(1.0)) else f32(0.0)


@compile_kernel(fastmath=PIXELWISE)
def _clipped_mix_adjoint(start, stop, image, gradient, result, m, b):
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = (
        m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    )  # fmt: skip
    b0, b1, b2 = b[0], b[1], b[2]
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        x, y, z = image[index, 0, first:last], image[index, 1, first:last], image[index, 2, first:last]
        k, begin, end = round_span(index, first, last, gradient)
        p, q, r = gradient[k, 0, begin:end], gradient[k, 1, begin:end], gradient[k, 2, begin:end]
        u, v, w = result[index, 0, first:last], result[index, 1, first:last], result[index, 2, first:last]
        for j in range(u.shape[0]):
            a = _passed(p[j], m00 * x[j] + m01 * y[j] + m02 * z[j] + b0)
            c = _passed(q[j], m10 * x[j] + m11 * y[j] + m12 * z[j] + b1)
            d = _passed(r[j], m20 * x[j] + m21 * y[j] + m22 * z[j] + b2)
            u[j] = m00 * a + m10 * c + m20 * d
            v[j] = m01 * a + m11 * c + m21 * d
            w[j] = m02 * a + m12 * c + m22 * d
