# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of CIE L*a*b*: each pixel once, powers and cube roots as vectors.

There: light = g(RGB), t = M light / white, f = root(t), L = 116 fy - 16, a = 500 (fx - fy), b = 200 (fy - fz).
    Adjoint: gfx = 500 ga, gfy = 116 gL - 500 ga + 200 gb, gfz = -200 gb; gt = gf root'(t); the gradient to light is
    M^T (gt / white), the one to RGB times g'.
Back: fy = (L + 16) / 116, fx = fy + a / 500, fz = max(fy - b / 200, 0), t = cube(f), light = M^-1 (white t),
    RGB = g^-1(light), clipped. Adjoint: the gradient to the values that are not clipped times (g^-1)' , times M^-T,
    times white and cube'(f), gives gf; gL = (gfx + gfy + gfz) / 116, ga = gfx / 500, gb = -gfz / 200 (fz > 0).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.color.lab import D65
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._planes import (
    BLOCK,
    PIXELWISE,
    accepts_image,
    convert,
    decode,
    encode,
    pull_back,
    round_span,
    span,
)
from foveal.kernels.cpu.color._cie import (
    cube_of,
    cube_slope,
    rgb_adjoint,
    rgb_of,
    root_of,
    root_slope,
    xyz_adjoint,
    xyz_of,
)
from foveal.kernels.cpu.color._gamma import from_linear, from_linear_slope, to_linear, to_linear_slope
from foveal.kernels.cpu.color._hue import clipped

f32 = np.float32

_WHITE_X, _WHITE_Z = f32(D65[0]), f32(D65[2])
_BY_WHITE_X, _BY_WHITE_Z = f32(1 / D65[0]), f32(1 / D65[2])


def _accepts_there(image: Tensor) -> bool:
    return accepts_image(image, 3)


def _examples_there() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)
    yield (torch.zeros(3, 4, 4, dtype=torch.uint8),)


def _adjoint_there(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (pull_back(image, gradients[0], _there_adjoint),)


@kernel(accepts=_accepts_there, adjoint=_adjoint_there, examples=_examples_there, keep_outputs=False)
def rgb_to_lab(image: Tensor) -> Tensor:
    """Convert sRGB to L*a*b*, in float32 or uint8."""
    return convert(image, 3, _there_bytes if image.dtype is torch.uint8 else _there)


def _accepts_back(image: Tensor, clip: Any) -> bool:
    return accepts_image(image, 3)


def _examples_back() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), True
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), True


def _adjoint_back(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor, clip: bool
) -> tuple[Tensor | None, ...]:
    return pull_back(image, gradients[0], _back_adjoint, bool(clip)), None


@kernel(accepts=_accepts_back, adjoint=_adjoint_back, examples=_examples_back, keep_outputs=False)
def lab_to_rgb(image: Tensor, clip: bool) -> Tensor:
    """Convert L*a*b* to sRGB, in float32 or uint8."""
    return convert(image, 3, _back_bytes) if image.dtype is torch.uint8 else convert(image, 3, _back, bool(clip))


@compile_kernel(fastmath=PIXELWISE)
def _row_there(red, green, blue, lightness, from_green, from_blue):
    for j in range(red.shape[0]):
        x, y, z = xyz_of(to_linear(red[j]), to_linear(green[j]), to_linear(blue[j]))
        fx, fy, fz = root_of(x * _BY_WHITE_X), root_of(y), root_of(z * _BY_WHITE_Z)
        lightness[j] = f32(116.0) * fy - f32(16.0)
        from_green[j] = f32(500.0) * (fx - fy)
        from_blue[j] = f32(200.0) * (fy - fz)


@compile_kernel(fastmath=PIXELWISE)
def _there(start, stop, image, result):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        _row_there(
            image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z],
            result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z],
        )  # fmt: skip


@compile_kernel(fastmath=PIXELWISE)
def _there_bytes(start, stop, image, result):
    scratch = np.empty((6, BLOCK), np.float32)
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        for channel in range(3):
            decode(image[i, channel, a:z], f32(1 / 255), f32(0), scratch[channel, : z - a])
        _row_there(
            scratch[0, : z - a], scratch[1, : z - a], scratch[2, : z - a],
            scratch[3, : z - a], scratch[4, : z - a], scratch[5, : z - a],
        )  # fmt: skip
        encode(scratch[3, : z - a], f32(2.55), f32(0), result[i, 0, a:z])
        encode(scratch[4, : z - a], f32(1), f32(128), result[i, 1, a:z])
        encode(scratch[5, : z - a], f32(1), f32(128), result[i, 2, a:z])


@compile_kernel(fastmath=PIXELWISE)
def _there_adjoint(start, stop, image, gradient, result):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        k, begin, end = round_span(i, a, z, gradient)
        red, green, blue = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        to_lightness, from_green, from_blue = (
            gradient[k, 0, begin:end],
            gradient[k, 1, begin:end],
            gradient[k, 2, begin:end],
        )
        to_red, to_green, to_blue = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        for j in range(to_red.shape[0]):
            red_light, green_light, blue_light = to_linear(red[j]), to_linear(green[j]), to_linear(blue[j])
            x, y, zz = xyz_of(red_light, green_light, blue_light)
            x, zz = x * _BY_WHITE_X, zz * _BY_WHITE_Z
            ga, gb = f32(500.0) * from_green[j], f32(200.0) * from_blue[j]
            gx = ga * root_slope(x, root_of(x)) * _BY_WHITE_X
            gy = (f32(116.0) * to_lightness[j] - ga + gb) * root_slope(y, root_of(y))
            gz = -gb * root_slope(zz, root_of(zz)) * _BY_WHITE_Z
            r, g, b = xyz_adjoint(gx, gy, gz)
            to_red[j] = r * to_linear_slope(red[j], red_light)
            to_green[j] = g * to_linear_slope(green[j], green_light)
            to_blue[j] = b * to_linear_slope(blue[j], blue_light)


@compile_kernel(fastmath=PIXELWISE)
def _row_back(lightness, from_green, from_blue, red, green, blue, clip):
    for j in range(red.shape[0]):
        fy = (lightness[j] + f32(16.0)) * f32(1 / 116)
        fx = fy + from_green[j] * f32(1 / 500)
        fz = fy - from_blue[j] * f32(1 / 200)
        fz = f32(0.0) if fz < f32(0.0) else fz
        r, g, b = rgb_of(cube_of(fx) * _WHITE_X, cube_of(fy), cube_of(fz) * _WHITE_Z)
        r, g, b = from_linear(r), from_linear(g), from_linear(b)
        red[j] = clipped(r) if clip else r
        green[j] = clipped(g) if clip else g
        blue[j] = clipped(b) if clip else b


@compile_kernel(fastmath=PIXELWISE)
def _back(start, stop, image, result, clip):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        _row_back(
            image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z],
            result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z], clip,
        )  # fmt: skip


@compile_kernel(fastmath=PIXELWISE)
def _back_bytes(start, stop, image, result):
    scratch = np.empty((6, BLOCK), np.float32)
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        decode(image[i, 0, a:z], f32(100 / 255), f32(0), scratch[0, : z - a])
        decode(image[i, 1, a:z], f32(1), f32(-128), scratch[1, : z - a])
        decode(image[i, 2, a:z], f32(1), f32(-128), scratch[2, : z - a])
        _row_back(
            scratch[0, : z - a], scratch[1, : z - a], scratch[2, : z - a],
            scratch[3, : z - a], scratch[4, : z - a], scratch[5, : z - a], True,
        )  # fmt: skip
        for channel in range(3):
            encode(scratch[3 + channel, : z - a], f32(255), f32(0), result[i, channel, a:z])


@compile_kernel(inline="always")
def _to_light(gradient, light, clip):
    """Return the gradient to the light of a channel."""
    value = from_linear(light)
    inside = (not clip) | ((value >= f32(0.0)) & (value <= f32(1.0)))
    return gradient * from_linear_slope(light, value) if inside else f32(0.0)


@compile_kernel(fastmath=PIXELWISE)
def _back_adjoint(start, stop, image, gradient, result, clip):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        k, begin, end = round_span(i, a, z, gradient)
        lightness, from_green, from_blue = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        to_red, to_green, to_blue = gradient[k, 0, begin:end], gradient[k, 1, begin:end], gradient[k, 2, begin:end]
        to_lightness, to_a, to_b = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        for j in range(to_lightness.shape[0]):
            fy = (lightness[j] + f32(16.0)) * f32(1 / 116)
            fx = fy + from_green[j] * f32(1 / 500)
            below = fy - from_blue[j] * f32(1 / 200)
            fz = f32(0.0) if below < f32(0.0) else below
            r, g, b = rgb_of(cube_of(fx) * _WHITE_X, cube_of(fy), cube_of(fz) * _WHITE_Z)
            r, g, b = _to_light(to_red[j], r, clip), _to_light(to_green[j], g, clip), _to_light(to_blue[j], b, clip)
            gx, gy, gz = rgb_adjoint(r, g, b)
            gx, gy, gz = gx * _WHITE_X * cube_slope(fx), gy * cube_slope(fy), gz * _WHITE_Z * cube_slope(fz)
            gz = f32(0.0) if below < f32(0.0) else gz
            to_lightness[j] = (gx + gy + gz) * f32(1 / 116)
            to_a[j] = gx * f32(1 / 500)
            to_b[j] = gz * f32(-1 / 200)
