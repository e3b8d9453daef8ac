# SPDX-License-Identifier: Apache-2.0
"""Every pixel times one number."""

import torch
from torch import Tensor

from foveal._check import check_number, check_tensor
from foveal._module import module
from foveal._op import op


@op
def rescale(input: Tensor, factor: Tensor | float) -> Tensor:
    """Multiply every pixel by a number.

    Args:
        input: an image of any shape, floats or integers.
        factor: a number, or a tensor without dimensions.

    Returns:
        The product, of integers in float32.

    Raises:
        TypeError: `input` is no tensor, or `factor` is neither a number nor a tensor.
        ValueError: `factor` has dimensions.

    >>> rescale(torch.tensor([0, 51, 255], dtype=torch.uint8), 1 / 255)
    tensor([0.0000, 0.2000, 1.0000])
    """
    check_tensor(input, "input")
    check_number(factor, "factor")
    if isinstance(factor, Tensor) and factor.ndim:
        raise ValueError(f"factor must be a number or have shape (), got shape {tuple(factor.shape)}")
    pixels = input if input.is_floating_point() else input.to(torch.float32)
    return pixels * (factor.to(pixels) if isinstance(factor, Tensor) else factor)


class Rescale(module(rescale, inputs=("input",))): ...
