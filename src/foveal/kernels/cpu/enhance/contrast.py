# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the contrast: x a, or x a + b with b = (1 - a) mean.

The mean's part of the adjoint is the sum of the clipped gradient, times (1 - a), in equal shares.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.color.grayscale import LUMA
from foveal.enhance._factor import aligned
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import UNIT, Curve, Factor, accepts_curve, adjoint_of, limits, run
from foveal.kernels.cpu.enhance._formulas import AFFINE


def _accepts(image: Any, factor: Any, clip_output: bool) -> bool:
    return accepts_curve(image, factor) and (isinstance(factor, Tensor) or factor >= 0)


def _accepts_mean(image: Any, factor: Any) -> bool:
    return accepts_curve(image, factor) and image.ndim >= 3


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5, True
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 0.5, True


def _examples_mean() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 0.5


def _multiplied(image: Tensor, factor: Factor, clip_output: bool) -> Curve:
    return Curve(AFFINE, image, factor, 0.0, *limits(clip_output))


def _blended(image: Tensor, factor: Factor) -> Curve:
    if image.dtype is torch.uint8:
        channels = image.sum(dim=(-2, -1), keepdim=True) / (255.0 * image.shape[-2] * image.shape[-1])
    else:
        channels = image.mean(dim=(-2, -1), keepdim=True)
    if image.shape[-3] == 3:
        luma = torch.tensor(LUMA, dtype=torch.float32, device="cpu").view(3, 1, 1)
        mean = (channels * luma).sum(dim=-3, keepdim=True)
    else:
        mean = channels.mean(dim=-3, keepdim=True)
    weight = aligned(factor, mean)
    return Curve(AFFINE, image, factor, mean * (1 - weight), *UNIT)


@kernel(accepts=_accepts, adjoint=adjoint_of(_multiplied), examples=_examples, keep_outputs=False)
def adjust_contrast(image: Tensor, factor: Factor, clip_output: bool) -> Tensor:
    """Multiply by the factor, and clip, in one pass."""
    return run(_multiplied(image, factor, clip_output))


@kernel(
    accepts=_accepts_mean,
    adjoint=adjoint_of(_blended, reads_image=True),
    examples=_examples_mean,
    keep_outputs=False,
)
def adjust_contrast_with_mean_subtraction(image: Tensor, factor: Factor) -> Tensor:
    """Find the means in one pass, blend and clip in another."""
    return run(_blended(image, factor))
