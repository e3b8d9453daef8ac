# SPDX-License-Identifier: Apache-2.0
"""Gradients that all conversions share: of sums, which have one value throughout, and of linear maps."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import foveal.color as color
from foveal import use_kernels
from foveal.kernels.cpu._planes import BLOCK

FORWARD = ["hsv", "hls", "lab", "luv", "xyz", "yuv", "ycbcr", "linear_rgb"]
CONVERSIONS = [
    *(getattr(color, f"rgb_to_{space}") for space in FORWARD),
    *(getattr(color, f"{space}_to_rgb") for space in FORWARD),
    color.rgb_to_grayscale,
    color.bgr_to_grayscale,
    color.rgb_to_y,
]
LINEAR = [
    color.rgb_to_grayscale,
    color.bgr_to_grayscale,
    color.rgb_to_y,
    color.rgb_to_xyz,
    color.xyz_to_rgb,
    color.rgb_to_yuv,
    color.yuv_to_rgb,
    color.rgb_to_yuv420,
    color.rgb_to_yuv422,
]


def colours_for(operation: Callable[..., Any], *shape: int) -> Tensor:
    """Return RGB, or RGB away from the faces of the cube brought into the space that is converted back."""
    image = torch.rand(shape) * 0.98 + 0.01
    space = operation.__name__.removesuffix("_to_rgb")
    return image if space == operation.__name__ else getattr(color, f"rgb_to_{space}")(image)


@pytest.mark.parametrize("reduce", [Tensor.sum, Tensor.mean, lambda t: t[..., :1].expand_as(t).sum()])
@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (2, 3, 67, 71)], ids=str)
@pytest.mark.parametrize("operation", CONVERSIONS, ids=lambda f: f.__name__)
def test_one_gradient_for_all_pixels(
    operation: Callable[..., Any], shape: tuple[int, ...], reduce: Callable[[Tensor], Tensor]
) -> None:
    assert (shape[2] * shape[3] > BLOCK) == (shape[2] > 60)
    image = colours_for(operation, *shape)
    gradients = []
    for enabled in (True, False):
        leaf = image.clone().requires_grad_()
        with use_kernels(enabled):
            gradients.append(torch.autograd.grad(reduce(operation(leaf)), leaf)[0])
    # Slopes up to 1e3 cancel in these sums, and the last one weighs its pixels 71 times.
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=3e-4)


@pytest.mark.parametrize("operation", LINEAR, ids=lambda f: f.__name__)
def test_inner_products(operation: Callable[..., Any]) -> None:
    """<A x, y> = <x, A' y>."""
    image = torch.randn(2, 3, 66, 72, requires_grad=True)
    result = operation(image)
    results = result if isinstance(result, tuple) else (result,)
    others = [torch.randn_like(r) for r in results]
    (adjoint,) = torch.autograd.grad(results, image, others)
    left = sum((r.double() * o.double()).sum() for r, o in zip(results, others, strict=True))
    torch.testing.assert_close(left, (image.double() * adjoint.double()).sum(), rtol=1e-5, atol=1e-3)
