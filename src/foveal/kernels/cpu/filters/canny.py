# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of Canny's edges: grey, blur, gradient and ridges row by row, then a flood of each image.

Rows pass through rings: of grey (as many as the blur has taps), of derivatives and of magnitudes (three), so that only
the image is read and only the results are written. Adjoint: the cotangents of gx and gy are g gx / m and g gy / m on
the ridges, pulled back through the gradient, the blur and the grey by the adjoints of those.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.color.grayscale import LUMA, rgb_to_grayscale
from foveal.filters._correlate import pair
from foveal.filters.canny import STEEPEST_FLAT
from foveal.filters.gaussian_blur import gaussian_blur2d
from foveal.filters.gaussian_kernel import get_gaussian_kernel1d
from foveal.filters.spatial_gradient import spatial_gradient
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import select
from foveal.kernels.cpu.filters._connected import REACHED, WEAK, flood
from foveal.kernels.cpu.filters._gradient_rows import row_gradient

f32, u8 = np.float32, np.uint8
FLATTEST = f32(STEEPEST_FLAT)
RED, GREEN, BLUE = (f32(weight) for weight in LUMA)


def _accepts(
    input: Tensor, low_threshold: Any, high_threshold: Any, kernel_size: Any, sigma: Any, hysteresis: bool, eps: Any
) -> bool:
    sides = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return (
        input.dtype in (torch.float32, torch.uint8)
        and input.ndim == 4
        and input.shape[1] in (1, 3)
        and input.numel() > 0
        and all(isinstance(value, int | float) for value in (low_threshold, high_threshold, eps))
        and 0 < low_threshold <= high_threshold
        and isinstance(sides, tuple | list)
        and len(sides) == 2
        and all(isinstance(side, int) and side > 0 and side % 2 == 1 for side in sides)
        and isinstance(sigma, tuple)
        and len(sigma) == 2
        and all(isinstance(value, int | float) and value > 0 for value in sigma)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 3, 6, 6), 0.1, 0.2, (5, 5), (1, 1), True, 1e-6


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], input: Tensor, *options: Any
) -> tuple[Tensor | None, ...]:
    _, _, kernel_size, sigma, _, _ = options
    magnitude = outputs[0]
    share = torch.where(magnitude > 0, gradients[0] / torch.where(magnitude > 0, magnitude, 1.0), 0.0)
    with torch.enable_grad():
        leaf = input.detach().requires_grad_()
        grey = rgb_to_grayscale(leaf) if leaf.shape[1] == 3 else leaf
        slopes = spatial_gradient(gaussian_blur2d(grey, kernel_size, sigma), "sobel", 1, False)
    (found,) = torch.autograd.grad(slopes, leaf, slopes.detach() * share.unsqueeze(2))
    return found, None, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, without_gradient=(1,))
def canny(
    input: Tensor,
    low_threshold: float,
    high_threshold: float,
    kernel_size: tuple[int, int] | int,
    sigma: tuple[float, float],
    hysteresis: bool,
    eps: float,
) -> tuple[Tensor, Tensor]:
    """Ridges in one pass over the rows; then weak ones are reached from strong ones, image by image."""
    count, _, height, width = input.shape
    rows, columns = pair(kernel_size, "kernel_size")
    taps = [
        get_gaussian_kernel1d(taps, float(deviation), dtype=torch.float64, device=torch.device("cpu"))[0]
        .float()
        .numpy()
        for taps, deviation in zip((rows, columns), sigma, strict=True)
    ]
    magnitude, edges = empty(count, 1, height, width), empty(count, 1, height, width)
    flags = torch.zeros(count, height + 2, width + 2, dtype=torch.uint8, device="cpu").numpy()
    parallel_for(
        _ridges, count * height, as_array(input.float()), *taps, sources(height, rows // 2, rows // 2, "reflect"),
        sources(width, columns // 2, columns // 2, "reflect"), f32(low_threshold), f32(high_threshold), f32(eps),
        magnitude.numpy()[:, 0], flags, work=input.numel(),
    )  # fmt: skip
    if hysteresis:
        parallel_for(_reach, count, flags, work=edges.numel())
    weak = f32(0 if hysteresis else 0.5)
    parallel_for(_edges, count * height, flags, weak, edges.numpy()[:, 0], work=edges.numel())
    return magnitude, edges


@compile_kernel
def _grey(image, i, row):
    """Write a row of grey."""
    if image.shape[0] == 1:
        row[:] = image[0, i]
        return
    red, green, blue = image[0, i], image[1, i], image[2, i]
    for j in range(row.shape[0]):
        row[j] = RED * red[j] + GREEN * green[j] + BLUE * blue[j]


@compile_kernel
def _blur(ring, first, taps_y, taps_x, row_sources, column_sources, padded, blurred):
    """Blur the row whose window begins at place `first` of the surrounded rows, from the ring of grey rows."""
    width, margin = blurred.shape[0], taps_x.shape[0] // 2
    middle = padded[margin : margin + width]
    for k in range(taps_y.shape[0]):
        row, tap = ring[row_sources[first + k] % ring.shape[0]], taps_y[k]
        if k == 0:
            for j in range(width):
                middle[j] = tap * row[j]
        else:
            for j in range(width):
                middle[j] += tap * row[j]
    for j in range(margin):
        padded[j] = middle[column_sources[j]]
        padded[margin + width + j] = middle[column_sources[margin + width + j]]
    for k in range(taps_x.shape[0]):
        row, tap = padded[k : k + width], taps_x[k]
        if k == 0:
            for j in range(width):
                blurred[j] = tap * row[j]
        else:
            for j in range(width):
                blurred[j] += tap * row[j]


@compile_kernel
def _magnitude(x, y, eps, result):
    for j in range(x.shape[0]):
        result[j] = np.sqrt(x[j] * x[j] + y[j] * y[j] + eps)


@compile_kernel
def _thin(above, row, below, x, y, low, high, magnitude, flag):
    """Keep the ridges of a row of magnitudes; the rows have one place more at each end."""
    width = x.shape[0]
    a0, a1, a2 = above[0:width], above[1 : width + 1], above[2 : width + 2]
    m0, m1, m2 = row[0:width], row[1 : width + 1], row[2 : width + 2]
    b0, b1, b2 = below[0:width], below[1 : width + 1], below[2 : width + 2]
    for j in range(width):
        size_x, size_y, here = abs(x[j]), abs(y[j]), m1[j]
        flat, steep = size_y < FLATTEST * size_x, size_x < FLATTEST * size_y
        falling = (x[j] > f32(0)) == (y[j] > f32(0))
        before = select(flat, m0[j], select(steep, a1[j], select(falling, a0[j], a2[j])))
        behind = select(flat, m2[j], select(steep, b1[j], select(falling, b2[j], b0[j])))
        ridge = (here > before) & ((here > behind) | ((here == behind) & (flat | steep))) & (size_x + size_y > f32(0))
        kept = select(ridge, here, f32(0))
        weak, strong = kept > low, kept > high
        magnitude[j] = kept
        flag[j] = u8(weak) + u8(strong)


@compile_kernel
def _ridges(start, stop, images, taps_y, taps_x, row_sources, column_sources, low, high, eps, magnitude, flags):
    height, width = images.shape[2:]
    size_y, margin = taps_y.shape[0], taps_x.shape[0] // 2
    # Rows that a window may show at once: with its reflections they lie within `size_y` of each other.
    ring = np.empty((size_y, width), f32)
    padded = np.empty(width + 2 * margin, f32)
    blurred = np.empty((3, width), f32)
    x, y, m = np.empty((3, width), f32), np.empty((3, width), f32), np.zeros((3, width + 2), f32)
    none = np.zeros(width + 2, f32)
    has_grey, has_blur, has_magnitude = -1, -1, -1
    for number in range(start, stop):
        index, i = number // height, number % height
        image = images[index]
        if number == start or i == 0:
            has_magnitude = max(i - 1, 0) - 1
            has_blur = max(has_magnitude, 0) - 1
            has_grey = max(has_blur + 1 - size_y // 2, 0) - 1
        while has_magnitude < min(i + 1, height - 1):
            has_magnitude += 1
            while has_blur < min(has_magnitude + 1, height - 1):
                has_blur += 1
                while has_grey < min(has_blur + size_y // 2, height - 1):
                    has_grey += 1
                    _grey(image, has_grey, ring[has_grey % size_y])
                _blur(ring, has_blur, taps_y, taps_x, row_sources, column_sources, padded, blurred[has_blur % 3])
            slot = has_magnitude % 3
            up, down = max(has_magnitude - 1, 0) % 3, min(has_magnitude + 1, height - 1) % 3
            row_gradient(blurred[up], blurred[slot], blurred[down], True, f32(1), x[slot], y[slot])
            _magnitude(x[slot], y[slot], eps, m[slot, 1 : width + 1])
        above = m[(i - 1) % 3] if i > 0 else none
        below = m[(i + 1) % 3] if i < height - 1 else none
        _thin(
            above, m[i % 3], below, x[i % 3], y[i % 3], low, high, magnitude[index, i],
            flags[index, i + 1, 1 : width + 1],
        )  # fmt: skip


@compile_kernel
def _reach(start, stop, flags):
    for index in range(start, stop):
        flood(flags[index])


@compile_kernel
def _edges(start, stop, flags, weak, edges):
    """Write a strong or reached pixel as 1 and a weak one as `weak`."""
    height, width = edges.shape[1:]
    for number in range(start, stop):
        index, i = number // height, number % height
        flag, edge = flags[index, i + 1, 1 : width + 1], edges[index, i]
        for j in range(width):
            edge[j] = select(flag[j] == REACHED, f32(1), select(flag[j] == WEAK, weak, f32(0)))
