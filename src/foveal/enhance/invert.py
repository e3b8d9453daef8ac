# SPDX-License-Identifier: Apache-2.0
"""Negatives."""

from torch import Tensor

from foveal._check import check_tensor
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.enhance._factor import check_image


@op
def invert(image: Pixels[Tensor, "*shape"], max_val: Tensor | None = None) -> Pixels[Tensor, "*result"]:
    """Subtract an image from its largest possible value.

    Args:
        image: pixels of any shape, floats or uint8.
        max_val: what black becomes, in the units of `image`; it broadcasts against `image`. `None` is 1, for uint8 255.

    Returns:
        The negative in the dtype of `image`, bytes clipped.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `max_val` is no tensor.

    >>> import torch
    >>> invert(torch.tensor([0.25, 1.0]))
    tensor([0.7500, 0.0000])
    """
    check_image(image, "image", "*")
    if max_val is None:
        return (1 if image.is_floating_point() else 255) - image
    check_tensor(max_val, "max_val")
    if image.is_floating_point():
        return max_val.to(image) - image
    return (max_val.to(image.device).float() - image).round().clamp(0, 255).to(image.dtype)


class Invert(module(invert)): ...
