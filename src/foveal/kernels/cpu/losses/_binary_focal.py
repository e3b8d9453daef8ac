# SPDX-License-Identifier: Apache-2.0
"""Loops of the binary focal loss, over planes of channels."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp, exp2
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._power import log2

f32 = np.float32
Array = np.ndarray[Any, Any]

BLOCK = 4096
LOG2_E, LN_2 = f32(np.log2(np.e)), f32(np.log(2))


def binary_losses(arguments: tuple[Any, ...], result: Array) -> float:
    """Fill the result, unless it is empty, with the losses, and return their sum."""
    logits, gamma = arguments[0], arguments[4]
    images, channels, pixels = logits.shape
    blocks = -(-pixels // BLOCK)
    sums = np.zeros(images * channels * blocks)
    loop = _losses(gamma == 2, result.shape[2] > 0)
    parallel_for(loop, sums.size, blocks, *arguments, result, sums, work=logits.size)
    return float(sums.sum())


def binary_slopes(arguments: tuple[Any, ...], gradient: Array, scale: np.float32, result: Array) -> None:
    """Fill the result with the derivatives times gradient (one for all where it has one pixel) times scale."""
    logits, gamma = arguments[0], arguments[4]
    images, channels, pixels = logits.shape
    blocks = -(-pixels // BLOCK)
    loop = _slopes(gamma == 2)
    if gradient.shape[2] == 1 < pixels or gradient.shape[:2] != logits.shape[:2]:
        gradient = np.full((1, 1, min(pixels, BLOCK)), gradient[0, 0, 0], f32)
    count = images * channels * blocks
    parallel_for(loop, count, blocks, *arguments, gradient, scale, result, work=logits.size)


@compile_kernel(inline="always")
def _terms(x):
    """Return p, 1 - p, -log p and -log(1 - p) of a logit."""
    far = x if x > f32(0.0) else -x
    e = exp(-far)
    small, large = e / (f32(1.0) + e), f32(1.0) / (f32(1.0) + e)
    # Near 0 by the series, which keeps the relative precision.
    series = e * (f32(1.0) - e * (f32(0.5) - e * f32(1 / 3)))
    rest = series if e < f32(0.01) else log2(f32(1.0) + e) * LN_2
    positive = x > f32(0.0)
    p, q = large if positive else small, small if positive else large
    minus_log_p = rest if positive else rest + far
    minus_log_q = rest + far if positive else rest
    return p, q, minus_log_p, minus_log_q


@functools.cache
def _losses(square: bool, write: bool) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, blocks, logits, truth, positive, negative, gamma, ignore, result, sums):
        channels, pixels = logits.shape[1], logits.shape[2]
        for block in range(start, stop):
            plane, begin = block // blocks, block % blocks * BLOCK
            index, channel = plane // channels, plane % channels
            end = min(begin + BLOCK, pixels)
            x, t = logits[index, channel, begin:end], truth[index, channel, begin:end]
            found = result[index, channel, begin:end] if write else logits[index, channel, begin:end]
            up, down, total = positive[channel], negative[channel], f32(0.0)
            for j in range(x.shape[0]):
                p, q, minus_log_p, minus_log_q = _terms(x[j])
                if square:
                    p_gamma, q_gamma = p * p, q * q
                else:
                    p_gamma = exp2(gamma * LOG2_E * -minus_log_p)
                    q_gamma = exp2(gamma * LOG2_E * -minus_log_q)
                share = f32(t[j])
                loss = share * up * q_gamma * minus_log_p + (f32(1.0) - share) * down * p_gamma * minus_log_q
                loss = f32(0.0) if share == ignore else loss
                total += loss
                if write:
                    found[j] = loss
            sums[block] = total

    return loop


@functools.cache
def _slopes(square: bool) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, blocks, logits, truth, positive, negative, gamma, ignore, gradient, scale, result):
        channels, pixels = logits.shape[1], logits.shape[2]
        for block in range(start, stop):
            plane, begin = block // blocks, block % blocks * BLOCK
            index, channel = plane // channels, plane % channels
            end = min(begin + BLOCK, pixels)
            x, t = logits[index, channel, begin:end], truth[index, channel, begin:end]
            found = result[index, channel, begin:end]
            if gradient.shape[2] == pixels and gradient.shape[0] == logits.shape[0]:
                g = gradient[index, channel, begin:end]
            else:
                g = gradient[0, 0, 0 : end - begin]
            up, down = positive[channel] * scale, negative[channel] * scale
            for j in range(x.shape[0]):
                p, q, minus_log_p, minus_log_q = _terms(x[j])
                if square:
                    p_gamma, q_gamma = p * p, q * q
                else:
                    p_gamma = exp2(gamma * LOG2_E * -minus_log_p)
                    q_gamma = exp2(gamma * LOG2_E * -minus_log_q)
                share = f32(t[j])
                rise = (f32(1.0) - share) * down * p_gamma * (p + gamma * q * minus_log_q)
                fall = share * up * q_gamma * (q + gamma * p * minus_log_p)
                found[j] = f32(0.0) if share == ignore else (rise - fall) * g[j]

    return loop
