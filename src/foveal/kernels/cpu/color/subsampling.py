# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of YUV 4:2:0 and 4:2:2: each sample once, chroma summed or spread in registers.

With M the matrix of YUV, n the pixels that share a chroma sample (4 or 2), and sums over those:
There: Y = M0 RGB, (U, V) = M12 sum(RGB) / n. Adjoint: gRGB = M0^T gY + M12^T (gU, gV) / n.
Back: RGB = N0 Y + N12 (U, V) with N = M^-1 by columns. Adjoint: gY = N0^T gRGB, (gU, gV) = N12^T sum(gRGB).
So the adjoint of each way is the loop of the other, with the matrix transposed.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.color.yuv import RGB_TO_YUV, YUV_TO_RGB
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._planes import PIXELWISE, accepts_image

f32 = np.float32

_THERE, _BACK = np.array(RGB_TO_YUV), np.array(YUV_TO_RGB)

Outputs = tuple[Tensor, ...]


def _pairs(image: Tensor) -> np.ndarray[Any, Any]:
    """Return images (*, C, H, W) as an array (images, C, H, W / 2, 2)."""
    channels, height, width = image.shape[-3:]
    return as_array(image).reshape(-1, channels, height, width // 2, 2)


def _rows(image: Tensor) -> np.ndarray[Any, Any]:
    return as_array(image).reshape(-1, *image.shape[-3:])


def _gather(image: Tensor, matrix: np.ndarray[Any, Any], rows: int) -> tuple[Tensor, Tensor]:
    """Return matrix[0] of each pixel and the sums of matrix[1:] over the pixels of a chroma sample."""
    *batch, _, height, width = image.shape
    luma, chroma = empty(*batch, 1, height, width), empty(*batch, 2, height // rows, width // 2)
    pixels, sums = _pairs(image), _rows(chroma)
    count = sums.shape[0] * sums.shape[2]
    parallel_for(_gather_rows, count, pixels, _pairs(luma), sums, f32(matrix), rows, work=pixels.size)
    return luma, chroma


def _spread(luma: Tensor, chroma: Tensor, matrix: np.ndarray[Any, Any], rows: int) -> Tensor:
    """Return matrix @ (luma, chroma) for each pixel."""
    *batch, _, height, width = luma.shape
    image = empty(*batch, 3, height, width)
    pixels, samples = _pairs(image), _rows(chroma)
    count = samples.shape[0] * samples.shape[2]
    parallel_for(_spread_rows, count, pixels, _pairs(luma), samples, f32(matrix), rows, work=pixels.size)
    return image


def _shared(matrix: np.ndarray[Any, Any], rows: int) -> np.ndarray[Any, Any]:
    """Divide the rows of chroma by the number of pixels that share a sample."""
    return matrix / np.array([[1], [2 * rows], [2 * rows]])


def _accepts_there(image: Tensor, rows: int) -> bool:
    return accepts_image(image, 3, bytes=False) and image.shape[-1] % 2 == 0 and image.shape[-2] % rows == 0


def _accepts_back(imagey: Any, imageuv: Any, rows: int) -> bool:
    if not (accepts_image(imagey, 1, bytes=False) and accepts_image(imageuv, 2, bytes=False)):
        return False
    *batch, _, height, width = imagey.shape
    fits = imageuv.shape == (*batch, 2, height // rows, width // 2)
    return fits and width % 2 == 0 and height % rows == 0


def _accepts_420(image: Tensor) -> bool:
    return _accepts_there(image, 2)


def _accepts_422(image: Tensor) -> bool:
    return _accepts_there(image, 1)


def _accepts_from_420(imagey: Tensor, imageuv: Tensor) -> bool:
    return _accepts_back(imagey, imageuv, 2)


def _accepts_from_422(imagey: Tensor, imageuv: Tensor) -> bool:
    return _accepts_back(imagey, imageuv, 1)


def _examples_there() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)


def _examples_420() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 4, 4), torch.zeros(2, 2, 2)


def _examples_422() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 4, 4), torch.zeros(2, 4, 2)


def _adjoint_420(needs: tuple[bool, ...], gradients: Outputs, outputs: Outputs, image: Tensor) -> Outputs:
    return (_spread(*gradients, _shared(_THERE, 2).T, 2),)


def _adjoint_422(needs: tuple[bool, ...], gradients: Outputs, outputs: Outputs, image: Tensor) -> Outputs:
    return (_spread(*gradients, _shared(_THERE, 1).T, 1),)


def _adjoint_from_420(
    needs: tuple[bool, ...], gradients: Outputs, outputs: Outputs, imagey: Tensor, imageuv: Tensor
) -> tuple[Tensor | None, ...]:
    found = _gather(gradients[0], _BACK.T, 2)
    return tuple(gradient if need else None for gradient, need in zip(found, needs, strict=True))


def _adjoint_from_422(
    needs: tuple[bool, ...], gradients: Outputs, outputs: Outputs, imagey: Tensor, imageuv: Tensor
) -> tuple[Tensor | None, ...]:
    found = _gather(gradients[0], _BACK.T, 1)
    return tuple(gradient if need else None for gradient, need in zip(found, needs, strict=True))


@kernel(accepts=_accepts_420, adjoint=_adjoint_420, examples=_examples_there, keep_outputs=False)
def rgb_to_yuv420(image: Tensor) -> tuple[Tensor, Tensor]:
    """Convert RGB to Y and the means of U and V over 2x2 pixels."""
    return _gather(image, _shared(_THERE, 2), 2)


@kernel(accepts=_accepts_422, adjoint=_adjoint_422, examples=_examples_there, keep_outputs=False)
def rgb_to_yuv422(image: Tensor) -> tuple[Tensor, Tensor]:
    """Convert RGB to Y and the means of U and V over pairs of pixels."""
    return _gather(image, _shared(_THERE, 1), 1)


@kernel(accepts=_accepts_from_420, adjoint=_adjoint_from_420, examples=_examples_420, keep_outputs=False)
def yuv420_to_rgb(imagey: Tensor, imageuv: Tensor) -> Tensor:
    """Convert Y with U and V for each 2x2 pixels to RGB."""
    return _spread(imagey, imageuv, _BACK, 2)


@kernel(accepts=_accepts_from_422, adjoint=_adjoint_from_422, examples=_examples_422, keep_outputs=False)
def yuv422_to_rgb(imagey: Tensor, imageuv: Tensor) -> Tensor:
    """Convert Y with U and V for each pair of pixels to RGB."""
    return _spread(imagey, imageuv, _BACK, 1)


@compile_kernel(fastmath=PIXELWISE)
def _gather_rows(start, stop, image, luma, chroma, m, rows):
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = (
        m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    )  # fmt: skip
    for place in range(start, stop):
        i = place // chroma.shape[2]
        group = place - i * chroma.shape[2]
        u, v = chroma[i, 0, group], chroma[i, 1, group]
        for j in range(u.shape[0]):
            u[j] = f32(0.0)
            v[j] = f32(0.0)
        for row in range(group * rows, group * rows + rows):
            red, green, blue, y = image[i, 0, row], image[i, 1, row], image[i, 2, row], luma[i, 0, row]
            for j in range(u.shape[0]):
                y[j, 0] = m00 * red[j, 0] + m01 * green[j, 0] + m02 * blue[j, 0]
                y[j, 1] = m00 * red[j, 1] + m01 * green[j, 1] + m02 * blue[j, 1]
            for j in range(u.shape[0]):
                r, g, b = red[j, 0] + red[j, 1], green[j, 0] + green[j, 1], blue[j, 0] + blue[j, 1]
                u[j] += m10 * r + m11 * g + m12 * b
                v[j] += m20 * r + m21 * g + m22 * b


@compile_kernel(fastmath=PIXELWISE)
def _spread_rows(start, stop, image, luma, chroma, m, rows):
    for place in range(start, stop):
        i = place // chroma.shape[2]
        group = place - i * chroma.shape[2]
        u, v = chroma[i, 0, group], chroma[i, 1, group]
        for row in range(group * rows, group * rows + rows):
            y = luma[i, 0, row]
            for channel in range(3):
                by_y, by_u, by_v, values = m[channel, 0], m[channel, 1], m[channel, 2], image[i, channel, row]
                for j in range(u.shape[0]):
                    difference = by_u * u[j] + by_v * v[j]
                    values[j, 0] = by_y * y[j, 0] + difference
                    values[j, 1] = by_y * y[j, 1] + difference
