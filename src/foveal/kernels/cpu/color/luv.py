# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of CIE L*u*v*: each pixel once, powers and cube roots as vectors.

There: light = g(RGB), XYZ = M light, L = 116 Y^(1/3) - 16 or 903.3 Y, D = X + 15 Y + 3 Z + eps, p = 4 X / D,
    q = 9 Y / D, u = 13 L (p - pn), v = 13 L (q - qn).
    Adjoint: gp = 13 L gu, gq = 13 L gv, gD = -(gp p + gq q) / D, gL' = gL + 13 (gu (p - pn) + gv (q - qn)),
    gX = 4 gp / D + gD, gY = 9 gq / D + 15 gD + gL' L'(Y), gZ = 3 gD; the gradient to light is M^T gXYZ, the one to
    RGB times g'.
Back: Y = ((L + 16) / 116)^3 or L / 903.3, k = 13 L + eps, p = u / k + pn, q = v / k + qn, w = Y / (4 q + eps),
    X = 9 p w, Z = (12 - 3 p - 20 q) w, light = M^-1 XYZ, RGB = g^-1(light).
    Adjoint: gXYZ = M^-T of the gradient times (g^-1)'; gp = (9 gX - 3 gZ) w, gw = 9 p gX + (12 - 3 p - 20 q) gZ,
    gq = -20 gZ w - 4 gw w / (4 q + eps), gY' = gY + gw / (4 q + eps), gu = gp / k, gv = gq / k,
    gL = gY' Y'(L) - 13 (gu u + gv v) / k.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.color.lab import DARK
from foveal.color.luv import DARK_LIGHTNESS, SLOPE, WHITE_U, WHITE_V
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
from foveal.kernels.cpu._power import cube_root
from foveal.kernels.cpu.color._cie import rgb_adjoint, rgb_of, xyz_adjoint, xyz_of
from foveal.kernels.cpu.color._gamma import from_linear, from_linear_slope, to_linear, to_linear_slope

f32 = np.float32

_DARK, _DARK_LIGHTNESS, _SLOPE, _INVERSE_SLOPE = f32(DARK), f32(DARK_LIGHTNESS), f32(SLOPE), f32(1 / SLOPE)
_WHITE_U, _WHITE_V = f32(WHITE_U), f32(WHITE_V)


def _accepts(image: Tensor, eps: Any) -> bool:
    return accepts_image(image, 3) and isinstance(eps, float | int)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 1e-12
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 1e-12


def _adjoint_there(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor, eps: float
) -> tuple[Tensor | None, ...]:
    return pull_back(image, gradients[0], _there_adjoint, f32(eps)), None


@kernel(accepts=_accepts, adjoint=_adjoint_there, examples=_examples, keep_outputs=False)
def rgb_to_luv(image: Tensor, eps: float) -> Tensor:
    """Convert sRGB to L*u*v*, in float32 or uint8."""
    return convert(image, 3, _there_bytes if image.dtype is torch.uint8 else _there, f32(eps))


def _adjoint_back(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor, eps: float
) -> tuple[Tensor | None, ...]:
    return pull_back(image, gradients[0], _back_adjoint, f32(eps)), None


@kernel(accepts=_accepts, adjoint=_adjoint_back, examples=_examples, keep_outputs=False)
def luv_to_rgb(image: Tensor, eps: float) -> Tensor:
    """Convert L*u*v* to sRGB, in float32 or uint8."""
    return convert(image, 3, _back_bytes if image.dtype is torch.uint8 else _back, f32(eps))


@compile_kernel(inline="always")
def _lightness_of(y, root):
    return f32(116.0) * root - f32(16.0) if y > _DARK else _SLOPE * y


@compile_kernel(fastmath=PIXELWISE)
def _row_there(red, green, blue, lightness, u, v, eps):
    for j in range(red.shape[0]):
        x, y, z = xyz_of(to_linear(red[j]), to_linear(green[j]), to_linear(blue[j]))
        light = _lightness_of(y, cube_root(y if y > _DARK else _DARK))
        total = x + f32(15.0) * y + f32(3.0) * z + eps
        lightness[j] = light
        u[j] = f32(13.0) * light * (f32(4.0) * x / total - _WHITE_U)
        v[j] = f32(13.0) * light * (f32(9.0) * y / total - _WHITE_V)


@compile_kernel(fastmath=PIXELWISE)
def _there(start, stop, image, result, eps):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        _row_there(
            image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z],
            result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z], eps,
        )  # fmt: skip


@compile_kernel(fastmath=PIXELWISE)
def _there_bytes(start, stop, image, result, eps):
    scratch = np.empty((6, BLOCK), np.float32)
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        for channel in range(3):
            decode(image[i, channel, a:z], f32(1 / 255), f32(0), scratch[channel, : z - a])
        _row_there(
            scratch[0, : z - a], scratch[1, : z - a], scratch[2, : z - a],
            scratch[3, : z - a], scratch[4, : z - a], scratch[5, : z - a], eps,
        )  # fmt: skip
        encode(scratch[3, : z - a], f32(2.55), f32(0), result[i, 0, a:z])
        encode(scratch[4, : z - a], f32(255 / 354), f32(134 * 255 / 354), result[i, 1, a:z])
        encode(scratch[5, : z - a], f32(255 / 262), f32(140 * 255 / 262), result[i, 2, a:z])


@compile_kernel(fastmath=PIXELWISE)
def _there_adjoint(start, stop, image, gradient, result, eps):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        k, begin, end = round_span(i, a, z, gradient)
        red, green, blue = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        to_lightness, to_u, to_v = gradient[k, 0, begin:end], gradient[k, 1, begin:end], gradient[k, 2, begin:end]
        to_red, to_green, to_blue = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        for j in range(to_red.shape[0]):
            red_light, green_light, blue_light = to_linear(red[j]), to_linear(green[j]), to_linear(blue[j])
            x, y, zz = xyz_of(red_light, green_light, blue_light)
            root = cube_root(y if y > _DARK else _DARK)
            light = _lightness_of(y, root)
            slope = f32(116 / 3) / (root * root) if y > _DARK else _SLOPE
            total = x + f32(15.0) * y + f32(3.0) * zz + eps
            p, q = f32(4.0) * x / total, f32(9.0) * y / total
            gl = to_lightness[j] + f32(13.0) * (to_u[j] * (p - _WHITE_U) + to_v[j] * (q - _WHITE_V))
            # Lightness over total is bounded, its reciprocal alone is not next to black.
            scale = f32(13.0) * light / total
            gp, gq = to_u[j] * scale, to_v[j] * scale
            gd = -(gp * p + gq * q)
            r, g, b = xyz_adjoint(
                f32(4.0) * gp + gd, f32(9.0) * gq + f32(15.0) * gd + gl * slope, f32(3.0) * gd
            )  # fmt: skip
            to_red[j] = r * to_linear_slope(red[j], red_light)
            to_green[j] = g * to_linear_slope(green[j], green_light)
            to_blue[j] = b * to_linear_slope(blue[j], blue_light)


@compile_kernel(fastmath=PIXELWISE)
def _row_back(lightness, u, v, red, green, blue, eps):
    for j in range(red.shape[0]):
        light = lightness[j]
        root = (light + f32(16.0)) * f32(1 / 116)
        y = root * root * root if light > _DARK_LIGHTNESS else light * _INVERSE_SLOPE
        k = f32(13.0) * light + eps
        p, q = u[j] / k + _WHITE_U, v[j] / k + _WHITE_V
        share = y / (f32(4.0) * q + eps)
        r, g, b = rgb_of(f32(9.0) * p * share, y, (f32(12.0) - f32(3.0) * p - f32(20.0) * q) * share)
        red[j] = from_linear(r)
        green[j] = from_linear(g)
        blue[j] = from_linear(b)


@compile_kernel(fastmath=PIXELWISE)
def _back(start, stop, image, result, eps):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        _row_back(
            image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z],
            result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z], eps,
        )  # fmt: skip


@compile_kernel(fastmath=PIXELWISE)
def _back_bytes(start, stop, image, result, eps):
    scratch = np.empty((6, BLOCK), np.float32)
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        decode(image[i, 0, a:z], f32(100 / 255), f32(0), scratch[0, : z - a])
        decode(image[i, 1, a:z], f32(354 / 255), f32(-134), scratch[1, : z - a])
        decode(image[i, 2, a:z], f32(262 / 255), f32(-140), scratch[2, : z - a])
        _row_back(
            scratch[0, : z - a], scratch[1, : z - a], scratch[2, : z - a],
            scratch[3, : z - a], scratch[4, : z - a], scratch[5, : z - a], eps,
        )  # fmt: skip
        for channel in range(3):
            encode(scratch[3 + channel, : z - a], f32(255), f32(0), result[i, channel, a:z])


@compile_kernel(fastmath=PIXELWISE)
def _back_adjoint(start, stop, image, gradient, result, eps):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        k, begin, end = round_span(i, a, z, gradient)
        lightness, u, v = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        to_red, to_green, to_blue = gradient[k, 0, begin:end], gradient[k, 1, begin:end], gradient[k, 2, begin:end]
        to_lightness, to_u, to_v = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        for j in range(to_lightness.shape[0]):
            light = lightness[j]
            root = (light + f32(16.0)) * f32(1 / 116)
            is_dark = light <= _DARK_LIGHTNESS
            y = light * _INVERSE_SLOPE if is_dark else root * root * root
            slope = _INVERSE_SLOPE if is_dark else f32(3 / 116) * root * root
            k = f32(13.0) * light + eps
            p, q = u[j] / k + _WHITE_U, v[j] / k + _WHITE_V
            by_q = f32(1.0) / (f32(4.0) * q + eps)
            share, rest = y * by_q, f32(12.0) - f32(3.0) * p - f32(20.0) * q
            r, g, b = rgb_of(f32(9.0) * p * share, y, rest * share)
            gx, gy, gz = rgb_adjoint(
                to_red[j] * from_linear_slope(r, from_linear(r)),
                to_green[j] * from_linear_slope(g, from_linear(g)),
                to_blue[j] * from_linear_slope(b, from_linear(b)),
            )
            # Both over the lightness: y / k is bounded, 1 / k alone is not next to black.
            by_light = share / k
            gw = f32(9.0) * p * gx + rest * gz
            gu = (f32(9.0) * gx - f32(3.0) * gz) * by_light
            gv = (f32(-20.0) * gz - f32(4.0) * gw * by_q) * by_light
            to_u[j] = gu
            to_v[j] = gv
            to_lightness[j] = (gy + gw * by_q) * slope - f32(13.0) * (gu * (u[j] / k) + gv * (v[j] / k))
