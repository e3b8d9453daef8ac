# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the Gaussian blur and the unsharp mask, which is a blur with twice the image added.

Floor: one read and one write of the image. Both passes run row by row in the first-level cache; the rest of the time
goes into kY + kX multiplications and additions a pixel, one vector of them a cycle.
"""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.filters.gaussian_kernel import get_gaussian_kernel1d
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._separable import separable, separable_adjoint
from foveal.kernels.cpu.filters._taps import accepts_border, accepts_image, pull_back_taps, sides_of
from foveal.kernels.cpu.filters._taps_adjoint import across_adjoint, down_adjoint


def _fits(input: Tensor, kernel_size: Any, sigma: Any, border_type: Any, bytes: bool) -> bool:
    sides = sides_of(kernel_size)
    return (
        accepts_image(input, bytes=bytes)
        and sides is not None
        and sides[0] % 2 == sides[1] % 2 == 1
        and accepts_border(border_type)
        and _fits_sigma(sigma, input)
    )


def _fits_sigma(sigma: Any, input: Tensor) -> bool:
    if isinstance(sigma, Tensor):
        return (
            sigma.ndim == 2
            and sigma.shape[1] == 2
            and sigma.shape[0] in (1, input.shape[0])
            and sigma.is_floating_point()
        )
    return isinstance(sigma, tuple | list) and len(sigma) == 2 and all(type(s) in (int, float) and s > 0 for s in sigma)


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        for side in (3, 5, 9):
            yield torch.zeros(1, 1, 40, 40, dtype=dtype), side, (1.0, 1.0), "reflect", True


def _examples_of_unsharp_mask() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 8, 8), 3, (1.0, 1.0), "reflect"


def _taps(kernel_size: Any, sigma: Any) -> tuple[Array, Array]:
    """Return the taps along x and down y, (1 or B, taps) each."""
    rows, columns = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    if not isinstance(sigma, Tensor):
        return _profile(columns, float(sigma[1])), _profile(rows, float(sigma[0]))
    taps = _both(rows, columns, sigma.detach().float()).numpy()
    return taps[:, rows:], taps[:, :rows]


@functools.lru_cache(maxsize=256)
def _profile(size: int, sigma: float) -> Array:
    with torch.device("cpu"):
        return get_gaussian_kernel1d.reference(size, sigma, dtype=torch.float64).float().numpy()


def _pull_back(
    needs: tuple[bool, ...], gradient: Tensor, arguments: tuple[Any, ...], sign: float, own: float
) -> tuple[Tensor | None, ...]:
    input, kernel_size, sigma, border_type = arguments[:4]
    across, down = _taps(kernel_size, sigma)
    to_image = to_sigma = None
    if needs[0]:
        to_image = separable_adjoint(gradient, input.shape[2:], sign * across, down, border_type, own=own)
    if needs[2]:
        to_x = across_adjoint(input, gradient, down, across.shape[1], border_type, "same")
        to_y = down_adjoint(input, gradient, across, down.shape[1], border_type, "same")
        to_taps = sign * np.concatenate([to_y, to_x], axis=1)
        to_sigma = pull_back_taps(sigma, functools.partial(_both, down.shape[1], across.shape[1]), to_taps)
    return to_image, None, to_sigma, *(None for _ in needs[3:])


def _both(rows: int, columns: int, sigma: Tensor) -> Tensor:
    """Return the taps down y and along x, one behind the other."""
    sides = ((0, rows), (1, columns))
    return torch.cat([get_gaussian_kernel1d.reference(side, sigma[:, axis : axis + 1]) for axis, side in sides], dim=1)


def _accepts(input: Tensor, kernel_size: Any, sigma: Any, border_type: Any, separable: Any) -> bool:
    return _fits(input, kernel_size, sigma, border_type, bytes=True)


def _accepts_unsharp_mask(input: Tensor, kernel_size: Any, sigma: Any, border_type: Any) -> bool:
    return _fits(input, kernel_size, sigma, border_type, bytes=False)


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return _pull_back(needs, gradients[0], arguments, 1.0, 0.0)


def _adjoint_of_unsharp_mask(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return _pull_back(needs, gradients[0], arguments, -1.0, 2.0)


_run = separable


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def gaussian_blur2d(input: Tensor, kernel_size: Any, sigma: Any, border_type: str, separable: bool) -> Tensor:
    """Both passes of the Gaussian, row by row."""
    return _run(input, *_taps(kernel_size, sigma), border_type)


@kernel(
    accepts=_accepts_unsharp_mask,
    adjoint=_adjoint_of_unsharp_mask,
    examples=_examples_of_unsharp_mask,
    keep_outputs=False,
)
def unsharp_mask(input: Tensor, kernel_size: Any, sigma: Any, border_type: str) -> Tensor:
    """Both passes of the Gaussian and the sharpening, row by row."""
    across, down = _taps(kernel_size, sigma)
    return _run(input, -across, down, border_type, own=2.0)
