# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of Euler angles: one pass over arrays of components."""

import math

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import select
from foveal.kernels.cpu.geometry.conversions._rows import ROWS, map_rows
from foveal.kernels.cpu.geometry.conversions._trigonometry import (
    HALF,
    HALF_PI,
    PI,
    TINY,
    TWO,
    ZERO,
    arctangent,
    at_least,
    sine_cosine,
)

f32 = np.float32
INVERSE_TURN = f32(0.5 / np.pi)
# Less than this share of the squared length is rounding, as in the reference.
NOISE = f32((4 * np.finfo(np.float32).eps) ** 2)


@compile_kernel(**ROWS)
def _from_euler(start, stop, rolls, pitches, yaws, ws, xs, ys, zs):
    rolls, pitches, yaws = rolls[start:stop], pitches[start:stop], yaws[start:stop]
    ws, xs, ys, zs = ws[start:stop], xs[start:stop], ys[start:stop], zs[start:stop]
    for i in range(rolls.shape[0]):
        sr, cr = sine_cosine(HALF * rolls[i])
        sp, cp = sine_cosine(HALF * pitches[i])
        sy, cy = sine_cosine(HALF * yaws[i])
        ws[i] = cr * cp * cy + sr * sp * sy
        xs[i] = sr * cp * cy - cr * sp * sy
        ys[i] = cr * sp * cy + sr * cp * sy
        zs[i] = cr * cp * sy - sr * sp * cy


@compile_kernel(**ROWS)
def _from_euler_adjoint(start, stop, rolls, pitches, yaws, gws, gxs, gys, gzs, by_roll, by_pitch, by_yaw):
    rolls, pitches, yaws = rolls[start:stop], pitches[start:stop], yaws[start:stop]
    gws, gxs, gys, gzs = gws[start:stop], gxs[start:stop], gys[start:stop], gzs[start:stop]
    by_roll, by_pitch, by_yaw = by_roll[start:stop], by_pitch[start:stop], by_yaw[start:stop]
    for i in range(rolls.shape[0]):
        sr, cr = sine_cosine(HALF * rolls[i])
        sp, cp = sine_cosine(HALF * pitches[i])
        sy, cy = sine_cosine(HALF * yaws[i])
        a, b, c, d = HALF * gws[i], HALF * gxs[i], HALF * gys[i], HALF * gzs[i]
        by_roll[i] = (
            cp * cy * (b * cr - a * sr)
            + sp * sy * (a * cr + b * sr)
            + (cp * sy * (c * cr - d * sr) - sp * cy * (c * sr + d * cr))
        )
        by_pitch[i] = (
            cr * cy * (c * cp - a * sp)
            + sr * sy * (a * cp - c * sp)
            - (sr * cy * (b * sp + d * cp) + cr * sy * (b * cp + d * sp))
        )
        by_yaw[i] = (
            cr * cp * (d * cy - a * sy)
            + sr * sp * (a * cy + d * sy)
            - (sr * cp * (b * sy - c * cy) + cr * sp * (b * cy + c * sy))
        )


@compile_kernel(inline="always")
def _wrap(angle):
    return angle - TWO * PI * np.floor(angle * INVERSE_TURN + HALF)


@compile_kernel(**ROWS)
def _to_euler(start, stop, ws, xs, ys, zs, rolls, pitches, yaws):
    ws, xs, ys, zs = ws[start:stop], xs[start:stop], ys[start:stop], zs[start:stop]
    rolls, pitches, yaws = rolls[start:stop], pitches[start:stop], yaws[start:stop]
    for i in range(ws.shape[0]):
        a, b, c, d = ws[i] - ys[i], zs[i] + xs[i], ws[i] + ys[i], zs[i] - xs[i]
        below, above = a * a + b * b, c * c + d * d
        noise = NOISE * (below + above)
        up, down = below <= noise, above <= noise
        half_sum = select(up, ZERO, arctangent(b, a))
        half_difference = select(down, ZERO, arctangent(d, c))
        roll = select(up | down, ZERO, half_sum - half_difference)
        total = select(up, TWO * half_difference, select(down, TWO * half_sum, half_sum + half_difference))
        low, high = select(up, ZERO, np.sqrt(below)), select(down, ZERO, np.sqrt(above))
        pitch = HALF_PI - TWO * arctangent(low, high)
        rolls[i] = _wrap(roll)
        pitches[i] = select(up & down, ZERO, pitch)
        yaws[i] = _wrap(total)


@compile_kernel(**ROWS)
def _to_euler_adjoint(start, stop, ws, xs, ys, zs, by_roll, by_pitch, by_yaw, gws, gxs, gys, gzs):
    """The gradients of half the sum and half the difference of yaw and roll, and of the two lengths."""
    ws, xs, ys, zs = ws[start:stop], xs[start:stop], ys[start:stop], zs[start:stop]
    by_roll, by_pitch, by_yaw = by_roll[start:stop], by_pitch[start:stop], by_yaw[start:stop]
    gws, gxs, gys, gzs = gws[start:stop], gxs[start:stop], gys[start:stop], gzs[start:stop]
    for i in range(ws.shape[0]):
        a, b, c, d = ws[i] - ys[i], zs[i] + xs[i], ws[i] + ys[i], zs[i] - xs[i]
        below, above = a * a + b * b, c * c + d * d
        noise = NOISE * (below + above)
        up, down = below <= noise, above <= noise
        roll, yaw = select(up | down, ZERO, by_roll[i]), by_yaw[i]
        half_sum = select(up, ZERO, select(down, TWO * yaw, yaw + roll)) / at_least(below, TINY)
        half_difference = select(down, ZERO, select(up, TWO * yaw, yaw - roll)) / at_least(above, TINY)
        low, high = np.sqrt(below), np.sqrt(above)
        slope = TWO * by_pitch[i] / at_least(below + above, TINY)
        by_low = select(up | down, ZERO, -slope * high / at_least(low, TINY))
        by_high = select(up | down, ZERO, slope * low / at_least(high, TINY))
        ga, gb = by_low * a - half_sum * b, by_low * b + half_sum * a
        gc, gd = by_high * c - half_difference * d, by_high * d + half_difference * c
        gws[i] = ga + gc
        gxs[i] = gb - gd
        gys[i] = gc - ga
        gzs[i] = gb + gd


def _accepts(roll: Tensor, pitch: Tensor, yaw: Tensor) -> bool:
    return _alike(roll, pitch, yaw)


def _accepts_quaternion(w: Tensor, x: Tensor, y: Tensor, z: Tensor) -> bool:
    return _alike(w, x, y, z)


def _alike(first: Tensor, *others: Tensor) -> bool:
    alike = all(isinstance(o, Tensor) and o.dtype is first.dtype and o.shape == first.shape for o in others)
    return alike and first.dtype is torch.float32 and first.numel() > 0


def _from_euler_gradient(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *angles: Tensor
) -> tuple[Tensor | None, ...]:
    shape = tuple(angles[0].shape)
    return map_rows(_from_euler_adjoint, (*angles, *gradients), math.prod(shape), shape, shape, shape)


def _to_euler_gradient(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *components: Tensor
) -> tuple[Tensor | None, ...]:
    shape = tuple(components[0].shape)
    return map_rows(_to_euler_adjoint, (*components, *gradients), math.prod(shape), shape, shape, shape, shape)


@kernel(
    accepts=_accepts,
    adjoint=_from_euler_gradient,
    examples=lambda: [(torch.ones(1), torch.ones(1), torch.ones(1))],
    keep_outputs=False,
)
def quaternion_from_euler(roll: Tensor, pitch: Tensor, yaw: Tensor) -> tuple[Tensor, ...]:
    """Products of sines and cosines of half angles."""
    shape = tuple(roll.shape)
    return map_rows(_from_euler, (roll, pitch, yaw), math.prod(shape), shape, shape, shape, shape)


@kernel(
    accepts=_accepts_quaternion,
    adjoint=_to_euler_gradient,
    examples=lambda: [(torch.ones(1), torch.ones(1), torch.ones(1), torch.ones(1))],
    keep_outputs=False,
)
def euler_from_quaternion(w: Tensor, x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, ...]:
    """Three angles of two points of the plane."""
    shape = tuple(w.shape)
    return map_rows(_to_euler, (w, x, y, z), math.prod(shape), shape, shape, shape)
