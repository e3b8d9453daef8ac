# SPDX-License-Identifier: Apache-2.0
"""What the tests of edges share: photographs and the inner product of an operation and its adjoint."""

import functools
from collections.abc import Callable
from typing import Any

import skimage.data
import torch
from torch import Tensor


@functools.cache
def photograph() -> Tensor:
    """Return a photograph as bytes, (1, 3, 300, 451)."""
    return torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).unsqueeze(0).contiguous()


@functools.cache
def grey_photographs() -> list[Tensor]:
    """Return photographs as bytes, (1, 1, H, W)."""
    return [torch.from_numpy(image)[None, None] for image in (skimage.data.camera(), skimage.data.coins())]


def assert_inner_products_agree(operation: Callable[[Tensor], Any], image: Tensor) -> None:
    """Check <A x, y> = <x, A' y> of a linear operation, A' being its backward pass."""
    leaf = image.clone().requires_grad_()
    result = operation(leaf)
    weights = torch.randn(result.shape, generator=torch.Generator().manual_seed(1), dtype=result.dtype)
    (pulled,) = torch.autograd.grad(result, leaf, weights)
    there, back = (result.detach().double() * weights).sum(), (image.double() * pulled).sum()
    size = (result.detach().double().norm() + image.double().norm()) * weights.double().norm()
    assert abs(there - back) <= 1e-5 * size
