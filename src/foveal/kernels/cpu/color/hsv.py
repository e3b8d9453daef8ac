# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of HSV: each pixel once, nothing in between is written to memory.

There: v = max, m = min, c = v - m; hue as in `_hue`, s = c / (v + eps), both 0 for grey.
    Adjoint: gc = gs / (v + eps) + the hue's part, gv' = gv - gs s / (v + eps) + gc goes to the channels that equal v,
    -gc to those that equal m, in equal shares; the hue's (x - y) / c goes to its two channels.
Back: rgb = v (1 - s (1 - p)) with p the clipped ramps of the hue.
    Adjoint, summed over the channels: gv = g (1 - s (1 - p)), gs = -g v (1 - p), gh = g v s p'(h).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._planes import (
    BLOCK,
    PIXELWISE,
    accepts_image,
    convert,
    convert_large,
    decode,
    encode,
    pull_back,
    round_span,
    span,
)
from foveal.kernels.cpu._vector import LANES, load, select, stream
from foveal.kernels.cpu.color._hue import (
    clipped,
    hue_adjoint,
    hue_of,
    largest_of,
    ramp,
    ramp_slope,
    red_ramp,
    shared_by,
    smallest_of,
    turned,
)

f32 = np.float32

_SIXTH = f32(np.pi / 3)
_PER_RADIAN = f32(3 / np.pi)


def _accepts_there(image: Tensor, eps: Any) -> bool:
    return accepts_image(image, 3) and isinstance(eps, float | int)


def _examples_there() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 1e-8
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 1e-8


def _adjoint_there(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor, eps: float
) -> tuple[Tensor | None, ...]:
    return pull_back(image, gradients[0], _there_adjoint, f32(eps)), None


@kernel(accepts=_accepts_there, adjoint=_adjoint_there, examples=_examples_there, keep_outputs=False)
def rgb_to_hsv(image: Tensor, eps: float) -> Tensor:
    """Convert RGB to HSV, in float32 or uint8."""
    if image.dtype is torch.uint8:
        return convert(image, 3, _there_bytes, f32(eps))
    return convert_large(image, 3, _there, f32(eps))


def _accepts_back(image: Tensor) -> bool:
    return accepts_image(image, 3)


def _examples_back() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)
    yield (torch.zeros(3, 4, 4, dtype=torch.uint8),)


def _adjoint_back(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (pull_back(image, gradients[0], _back_adjoint),)


@kernel(accepts=_accepts_back, adjoint=_adjoint_back, examples=_examples_back, keep_outputs=False)
def hsv_to_rgb(image: Tensor) -> Tensor:
    """Convert HSV to RGB, in float32 or uint8."""
    return convert(image, 3, _back_bytes) if image.dtype is torch.uint8 else convert_large(image, 3, _back)


@compile_kernel(inline="always")
def _there_of(r, g, b, eps):
    """Convert a pixel, or a vector of pixels."""
    v = largest_of(r, g, b)
    c = v - smallest_of(r, g, b)
    s = select(c != f32(0.0), c / (v + eps), f32(0.0))
    return hue_of(r, g, b, v, c, f32(0.0)) * _SIXTH, s, v


@compile_kernel(fastmath=PIXELWISE)
def _row_there(red, green, blue, hue, saturation, value, eps):
    for j in range(value.shape[0]):
        hue[j], saturation[j], value[j] = _there_of(red[j], green[j], blue[j], eps)


@compile_kernel(**BARE)
def _stream_there(red, green, blue, hue, saturation, value, eps):
    for j in range(0, value.shape[0], LANES):
        h, s, v = _there_of(load(red, j), load(green, j), load(blue, j), eps)
        stream(hue, j, h)
        stream(saturation, j, s)
        stream(value, j, v)


@compile_kernel(fastmath=PIXELWISE)
def _there(start, stop, image, result, streamed, eps):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        red, green, blue = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        hue, saturation, value = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        if streamed:
            _stream_there(red, green, blue, hue, saturation, value, eps)
        else:
            _row_there(red, green, blue, hue, saturation, value, eps)


@compile_kernel(fastmath=PIXELWISE)
def _there_bytes(start, stop, image, result, eps):
    scratch = np.empty((6, BLOCK), np.float32)
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        red, green, blue = scratch[0, : z - a], scratch[1, : z - a], scratch[2, : z - a]
        hue, saturation, value = scratch[3, : z - a], scratch[4, : z - a], scratch[5, : z - a]
        decode(image[i, 0, a:z], f32(1 / 255), f32(0), red)
        decode(image[i, 1, a:z], f32(1 / 255), f32(0), green)
        decode(image[i, 2, a:z], f32(1 / 255), f32(0), blue)
        _row_there(red, green, blue, hue, saturation, value, eps)
        encode(hue, f32(90 / np.pi), f32(0), result[i, 0, a:z])
        encode(saturation, f32(255), f32(0), result[i, 1, a:z])
        encode(value, f32(255), f32(0), result[i, 2, a:z])


@compile_kernel(fastmath=PIXELWISE)
def _there_adjoint(start, stop, image, gradient, result, eps):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        k, begin, end = round_span(i, a, z, gradient)
        red, green, blue = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        to_hue, to_saturation, to_value = (
            gradient[k, 0, begin:end],
            gradient[k, 1, begin:end],
            gradient[k, 2, begin:end],
        )
        to_red, to_green, to_blue = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        for j in range(to_red.shape[0]):
            r, g, b = red[j], green[j], blue[j]
            v, m = largest_of(r, g, b), smallest_of(r, g, b)
            c = v - m
            gr, gg, gb, gc = hue_adjoint(r, g, b, v, c, f32(0.0), to_hue[j] * _SIXTH)
            scale = f32(1.0) / (v + eps) if c != f32(0.0) else f32(0.0)
            gs = to_saturation[j] * scale
            gc = gc + gs
            gv = shared_by(r, g, b, v, to_value[j] - gs * (c * scale) + gc)
            gm = shared_by(r, g, b, m, -gc)
            to_red[j] = gr + (gv if r == v else f32(0.0)) + (gm if r == m else f32(0.0))
            to_green[j] = gg + (gv if g == v else f32(0.0)) + (gm if g == m else f32(0.0))
            to_blue[j] = gb + (gv if b == v else f32(0.0)) + (gm if b == m else f32(0.0))


@compile_kernel(inline="always")
def _back_of(hue, s, v):
    """Convert a pixel, or a vector of pixels, back."""
    h = turned(hue * _PER_RADIAN)
    r = v * (f32(1.0) - s * (f32(1.0) - clipped(red_ramp(h))))
    g = v * (f32(1.0) - s * (f32(1.0) - clipped(ramp(h, f32(2.0)))))
    b = v * (f32(1.0) - s * (f32(1.0) - clipped(ramp(h, f32(4.0)))))
    return r, g, b


@compile_kernel(fastmath=PIXELWISE)
def _row_back(hue, saturation, value, red, green, blue):
    for j in range(red.shape[0]):
        red[j], green[j], blue[j] = _back_of(hue[j], saturation[j], value[j])


@compile_kernel(**BARE)
def _stream_back(hue, saturation, value, red, green, blue):
    for j in range(0, red.shape[0], LANES):
        r, g, b = _back_of(load(hue, j), load(saturation, j), load(value, j))
        stream(red, j, r)
        stream(green, j, g)
        stream(blue, j, b)


@compile_kernel(fastmath=PIXELWISE)
def _back(start, stop, image, result, streamed):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        hue, saturation, value = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        red, green, blue = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        if streamed:
            _stream_back(hue, saturation, value, red, green, blue)
        else:
            _row_back(hue, saturation, value, red, green, blue)


@compile_kernel(fastmath=PIXELWISE)
def _back_bytes(start, stop, image, result):
    scratch = np.empty((6, BLOCK), np.float32)
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        hue, saturation, value = scratch[0, : z - a], scratch[1, : z - a], scratch[2, : z - a]
        red, green, blue = scratch[3, : z - a], scratch[4, : z - a], scratch[5, : z - a]
        decode(image[i, 0, a:z], f32(np.pi / 90), f32(0), hue)
        decode(image[i, 1, a:z], f32(1 / 255), f32(0), saturation)
        decode(image[i, 2, a:z], f32(1 / 255), f32(0), value)
        _row_back(hue, saturation, value, red, green, blue)
        encode(red, f32(255), f32(0), result[i, 0, a:z])
        encode(green, f32(255), f32(0), result[i, 1, a:z])
        encode(blue, f32(255), f32(0), result[i, 2, a:z])


@compile_kernel(fastmath=PIXELWISE)
def _back_adjoint(start, stop, image, gradient, result):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        k, begin, end = round_span(i, a, z, gradient)
        hue, saturation, value = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z]
        to_red, to_green, to_blue = gradient[k, 0, begin:end], gradient[k, 1, begin:end], gradient[k, 2, begin:end]
        to_hue, to_saturation, to_value = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
        for j in range(to_hue.shape[0]):
            h, s, v = turned(hue[j] * _PER_RADIAN), saturation[j], value[j]
            gr, gg, gb = to_red[j], to_green[j], to_blue[j]
            red, green, blue = red_ramp(h), ramp(h, f32(2.0)), ramp(h, f32(4.0))
            # What the gradients weigh of white less the pure colour, and of its derivative.
            total = gr + gg + gb
            off = total - (gr * clipped(red) + gg * clipped(green) + gb * clipped(blue))
            slope = (
                gg * ramp_slope(h, f32(2.0), green) + gb * ramp_slope(h, f32(4.0), blue)
                - gr * ramp_slope(h, f32(3.0), red)
            )  # fmt: skip
            to_hue[j] = v * s * slope * _PER_RADIAN
            to_saturation[j] = -v * off
            to_value[j] = total - s * off
