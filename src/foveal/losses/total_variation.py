# SPDX-License-Identifier: Apache-2.0
"""Total variation of images."""

import torch
from torch import Tensor

from foveal._check import check_option, check_real, check_shape
from foveal._module import module
from foveal._op import op


@op
def total_variation(img: Tensor, reduction: str = "sum") -> Tensor:
    """Return the anisotropic total variation of each plane: the sum of what neighbouring pixels differ by.

    Args:
        img: planes (*, H, W), floats or integers.
        reduction: `"sum"` of all differences, or `"mean"` of the vertical ones plus that of the horizontal ones, either
            of which is 0 where there are none.

    Returns:
        One number per plane, (*), of integers in int64, or float32 as a mean. Where neighbours are equal, the gradient
        of their difference is 0.

    Raises:
        TypeError: `img` is no tensor of real numbers.
        ValueError: `img` has less than two dimensions, or `reduction` is unknown.

    >>> total_variation(torch.tensor([[0.0, 1.0], [3.0, 3.0]]))
    tensor(6.)

    Source: Rudin, Osher and Fatemi 1992, "Nonlinear total variation based noise removal algorithms".
    """
    check_real(img, "img")
    check_shape(img, "img", "*", "H", "W")
    check_option(reduction, "reduction", ("mean", "sum"))
    if img.is_floating_point():
        pixels = img.to(torch.promote_types(img.dtype, torch.float32))
    else:
        pixels = img.to(torch.int64 if reduction == "sum" else torch.float32)
    total = torch.zeros(img.shape[:-2], dtype=pixels.dtype, device=img.device)
    for axis in (-2, -1):
        steps = pixels.diff(dim=axis)
        differences = steps.abs().sum(dim=(-2, -1))
        count = max(steps.shape[-2] * steps.shape[-1], 1)
        total = total + (differences / count if reduction == "mean" else differences)
    return total.to(img.dtype) if img.is_floating_point() else total


class TotalVariation(module(total_variation, keywords=("reduction",))): ...
