# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the guided blur: pixelwise loops around the box blur.

Backward differentiates the reference.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal._border import BORDERS
from foveal.filters.box_blur import box_blur
from foveal.filters.guided import every
from foveal.geometry.transform.resize import resize
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._guided_loops import BLOCK, evaluate, fit, products

Array = np.ndarray[Any, Any]


def _accepts(
    guidance: Any, input: Any, kernel_size: Any, eps: Any, border_type: Any, subsample: Any, separable: Any
) -> bool:
    sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return (
        all(
            isinstance(image, Tensor)
            and image.dtype in (torch.float32, torch.uint8)
            and image.ndim == 4
            and image.numel() > 0
            for image in (guidance, input)
        )
        and (len(guidance), *guidance.shape[2:]) == (len(input), *input.shape[2:])
        and isinstance(sizes, tuple | list)
        and len(sizes) == 2
        and all(isinstance(size, int) and size > 0 for size in sizes)
        and (
            eps.dtype is torch.float32 and tuple(eps.shape) in ((), (1,), (len(input),))
            if isinstance(eps, Tensor)
            else isinstance(eps, int | float) and eps > 0
        )
        and border_type in BORDERS
        and isinstance(subsample, int)
        and subsample > 0
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    image = torch.zeros(1, 3, 8, 8)
    yield image, image, 3, 0.1, "reflect", 1, False


def _flat(maps: Tensor) -> Array:
    """Return maps (B, C, H, W) as (B, C, pixels)."""
    return as_array(maps).reshape(*maps.shape[:2], -1)


def _for_each_block(loop: Any, maps: Array, *arguments: Any) -> None:
    count, channels, pixels = maps.shape
    parallel_for(loop, count * -(-pixels // BLOCK), maps, *arguments, work=count * channels * pixels)


@kernel(accepts=_accepts, examples=_examples)
def guided_blur(
    guidance: Tensor,
    input: Tensor,
    kernel_size: Any,
    eps: Any,
    border_type: str,
    subsample: int,
    separable: bool,
) -> Tensor:
    """Fit and evaluate linear functions of float32 or uint8 guidances."""
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sizes = -(-height // subsample), -(-width // subsample)
    guide, image = guidance.detach().float().contiguous(), input.detach().float().contiguous()
    coarse_guide, coarse = every(guide, subsample).contiguous(), every(image, subsample).contiguous()
    batch, guides, rows, columns = coarse_guide.shape
    channels = image.shape[1]

    pairs = empty(batch, guides * (guides + 1) // 2 + guides * channels, rows, columns)
    _for_each_block(products, _flat(coarse_guide), _flat(coarse), _flat(pairs))
    mean_guide, mean_image, pairs = (box_blur(maps, sizes, border_type) for maps in (coarse_guide, coarse, pairs))
    floors = np.broadcast_to(as_array(eps) if isinstance(eps, Tensor) else np.float32(eps), batch).astype(np.float32)
    fitted = empty(batch, (guides + 1) * channels, rows, columns)
    _for_each_block(fit, _flat(mean_guide), _flat(mean_image), _flat(pairs), floors, _flat(fitted))
    fitted = box_blur(fitted, sizes, border_type)
    if subsample > 1:
        fitted = resize(fitted, (image.shape[2], image.shape[3]), "bilinear", align_corners=False)
    result = empty(*image.shape)
    _for_each_block(evaluate, _flat(guide), _flat(fitted), _flat(result))
    if guidance.dtype is input.dtype is torch.uint8:
        return result.add_(0.5).floor_().clamp_(0, 255).to(torch.uint8)
    return result
