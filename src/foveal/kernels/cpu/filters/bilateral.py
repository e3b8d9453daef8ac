# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the bilateral blurs: one exponential per pixel and neighbour, over tiles in the first-level cache.

Forward keeps a tile per thread. Backward finds the totals of the weights anew, and holds the incoming gradient over
them, its product with the result, and the gradient to the surrounded image: 10/3 of an image of three channels.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal._border import BORDERS
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._bilateral_adjoint import fold, gather, share
from foveal.kernels.cpu.filters._bilateral_loops import blur
from foveal.kernels.cpu.filters.median import is_window

Array = np.ndarray[Any, Any]


def _accepts(
    input: Any, kernel_size: Any, sigma_color: Any, sigma_space: Any, border_type: Any, color_distance_type: Any
) -> bool:
    return (
        isinstance(input, Tensor)
        and input.dtype in (torch.float32, torch.uint8)
        and input.ndim == 4
        and input.numel() > 0
        and is_window(kernel_size)
        and _is_sigma(sigma_color, ((1,), (len(input),)))
        and _is_pair(sigma_space, len(input))
        and border_type in BORDERS
        and color_distance_type in ("l1", "l2")
    )


def _accepts_joint(
    input: Any,
    guidance: Any,
    kernel_size: Any,
    sigma_color: Any,
    sigma_space: Any,
    border_type: Any,
    color_distance_type: Any,
) -> bool:
    return (
        _accepts(input, kernel_size, sigma_color, sigma_space, border_type, color_distance_type)
        and isinstance(guidance, Tensor)
        and guidance.dtype in (torch.float32, torch.uint8)
        and guidance.ndim == 4
        and guidance.numel() > 0
        and (len(guidance), *guidance.shape[2:]) == (len(input), *input.shape[2:])
    )


def _is_sigma(sigma: Any, shapes: tuple[tuple[int, ...], ...]) -> bool:
    if isinstance(sigma, Tensor):
        return sigma.is_floating_point() and tuple(sigma.shape) in shapes
    return isinstance(sigma, int | float) and sigma > 0


def _is_pair(sigma: Any, images: int) -> bool:
    if isinstance(sigma, Tensor):
        return _is_sigma(sigma, ((1, 2), (images, 2)))
    return isinstance(sigma, tuple | list) and len(sigma) == 2 and all(_is_sigma(side, ()) for side in sigma)


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        yield torch.zeros(1, 3, 8, 8, dtype=dtype), 3, 0.1, (1.0, 1.0), "reflect", "l1"


def _examples_joint() -> Iterator[tuple[Any, ...]]:
    for image, *options in _examples():
        yield image, image, *options


def _floats(images: Tensor) -> Array:
    return as_array(images.float())


class _Weights:
    """The window of a blur, and what makes its weights."""

    def __init__(
        self, image: Array, kernel_size: Any, sigma_color: Any, sigma_space: Any, border_type: str, kind: str
    ) -> None:
        images, _, self.size, self.line = image.shape
        sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.margins = self.down, self.along = sizes[0] // 2, sizes[1] // 2
        self.rows, self.columns = (
            sources(side, margin, margin, border_type)
            for side, margin in zip((self.size, self.line), self.margins, strict=True)
        )
        self.color = _numbers(sigma_color, (images,))
        self.space = _numbers(sigma_space, (images, 2))
        # Finite factors: a distance of 0 keeps the weight that it should have.
        largest = float(np.finfo(np.float32).max)
        with np.errstate(divide="ignore"):
            self.scales = (math.log2(math.e) / 2 / self.color**2).clip(max=largest).astype(np.float32)
            self.factors = (-1 / self.color**2).clip(min=-largest).astype(np.float32)
        y, x = (np.arange(-margin, margin + 1) for margin in self.margins)
        squares = (y[:, None] / self.space[:, 0, None, None]) ** 2 + (x / self.space[:, 1, None, None]) ** 2
        self.places = (-math.log2(math.e) / 2 * squares).clip(min=-largest).astype(np.float32)
        self.l1 = kind == "l1"


def _numbers(sigma: Any, shape: tuple[int, ...]) -> Array:
    values = as_array(sigma.double()) if isinstance(sigma, Tensor) else np.asarray(sigma, np.float64)
    return np.broadcast_to(values, shape)


def _blur(input: Tensor, guidance: Tensor | None, *options: Any) -> Tensor:
    image = _floats(input)
    guide = image if guidance is None else _floats(guidance)
    weights = _Weights(image, *options)
    result = empty(*image.shape)
    _run(
        image, guide, guidance is not None, result.numpy(), np.zeros((len(image), 0, weights.line), np.float32), weights
    )
    return result.add_(0.5).floor_().clamp_(0, 255).to(torch.uint8) if input.dtype is torch.uint8 else result


def _run(image: Array, guide: Array, joint: bool, result: Array, totals: Array, weights: _Weights) -> None:
    parallel_for(
        blur, len(image) * weights.size, image, guide, joint, result, totals, weights.rows, weights.columns,
        weights.places, weights.scales, weights.l1, work=image.size * weights.places[0].size,
    )  # fmt: skip


def _pull_back(
    needs: tuple[bool, ...], gradient: Tensor, output: Tensor, input: Tensor, guidance: Tensor | None, *options: Any
) -> tuple[Tensor | None, ...]:
    """Return the gradients to image, guidance, and the two standard deviations, for `needs` of the same four."""
    image = _floats(input)
    joint = guidance is not None
    guide = _floats(guidance) if joint else image
    weights = _Weights(image, *options)
    batch, channels, size, line = image.shape
    down, along = weights.down, weights.along
    totals = np.empty((batch, size, line), np.float32)
    _run(image, guide, joint, np.zeros((batch, 0, size, line), np.float32), totals, weights)
    shares, rests = empty(*image.shape).numpy(), np.empty((batch, 1, size, line), np.float32)
    parallel_for(share, batch * size, as_array(gradient), as_array(output), totals, shares, rests, work=image.size)
    tall, broad = size + 2 * down, line + 2 * along
    to_image = empty(batch, channels, tall, broad)
    to_guide = empty(batch, guide.shape[1] if needs[1] else 0, tall, broad) if joint else to_image
    sums = np.zeros((batch, tall if needs[2] or needs[3] else 0, 3), np.float32)
    parallel_for(
        gather, batch * tall, image, guide, joint, shares, rests, to_image.numpy(), to_guide.numpy(), sums,
        np.pad(weights.rows, down, constant_values=-1), np.pad(weights.columns, along, constant_values=-1),
        sources(size, 2 * down, 2 * down, "constant"), sources(line, 2 * along, 2 * along, "constant"),
        weights.places, weights.scales, weights.factors, weights.l1, work=image.size * weights.places[0].size,
    )  # fmt: skip
    found = [_fold(maps, weights) if need else None for maps, need in zip((to_image, to_guide), needs, strict=False)]
    total = sums.sum(axis=1, dtype=np.float64)
    to_color, to_space = total[:, 2] / weights.color**3, total[:, :2] / weights.space**3
    return (
        *found,
        _like(to_color, options[1]) if needs[2] else None,
        _like(to_space, options[2]) if needs[3] else None,
    )


def _fold(maps: Tensor, weights: _Weights) -> Tensor:
    batch, channels, tall, broad = maps.shape
    result = empty(batch, channels, weights.size, weights.line)
    parallel_for(
        fold, batch * channels, maps.numpy().reshape(-1, tall, broad),
        result.numpy().reshape(-1, weights.size, weights.line), weights.rows, weights.columns, weights.along,
        work=maps.numel(),
    )  # fmt: skip
    return result


def _like(gradient: Array, sigma: Tensor) -> Tensor:
    """Return a gradient per image in shape and dtype of the standard deviation, which may serve all of them."""
    return torch.from_numpy(gradient).sum_to_size(sigma.shape).to(sigma.dtype)


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], input: Tensor, *options: Any
) -> tuple[Tensor | None, ...]:
    wanted = (needs[0], False, needs[2], needs[3])
    found = _pull_back(wanted, gradients[0], outputs[0], input, None, *options)
    return found[0], None, found[2], found[3], None, None


def _adjoint_joint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    guidance: Tensor,
    *options: Any,
) -> tuple[Tensor | None, ...]:
    wanted = (needs[0], needs[1], needs[3], needs[4])
    found = _pull_back(wanted, gradients[0], outputs[0], input, guidance, *options)
    return found[0], found[1], None, found[2], found[3], None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples)
def bilateral_blur(
    input: Tensor, kernel_size: Any, sigma_color: Any, sigma_space: Any, border_type: str, color_distance_type: str
) -> Tensor:
    """Average float32 or uint8 images by distances of their own colours."""
    return _blur(input, None, kernel_size, sigma_color, sigma_space, border_type, color_distance_type)


@kernel(accepts=_accepts_joint, adjoint=_adjoint_joint, examples=_examples_joint)
def joint_bilateral_blur(
    input: Tensor,
    guidance: Tensor,
    kernel_size: Any,
    sigma_color: Any,
    sigma_space: Any,
    border_type: str,
    color_distance_type: str,
) -> Tensor:
    """Average float32 or uint8 images by distances of another image's colours."""
    return _blur(input, guidance, kernel_size, sigma_color, sigma_space, border_type, color_distance_type)
