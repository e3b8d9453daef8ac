# SPDX-License-Identifier: Apache-2.0
"""Endpoint error of optical flow."""

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._check import check_option, check_real, check_same_shape, check_shape
from foveal._dtype import narrow, widen
from foveal._module import module
from foveal._op import op


@op
def aepe(
    input: Real[Tensor, "*shape 2"], target: Real[Tensor, "*shape 2"], reduction: str = "mean"
) -> Float[Tensor, "*shape"] | Float[Tensor, ""]:
    """Return the distance between the ends of two flow vectors, on average.

    Args:
        input: flow, (*, 2): vectors in the last dimension.
        target: flow of the same shape.
        reduction: "mean" or "sum" over all vectors, or "none" for one distance each.

    Returns:
        The error in the units of the flow, a scalar, or (*); the mean of none is NaN. Half precision is computed in
        float32, integers give float32.

    Raises:
        TypeError: an argument is no tensor of real numbers.
        ValueError: shapes or devices differ, the shape does not end with 2, or the reduction is unknown.

    Convention: equal vectors have a gradient of 0.

    >>> aepe(torch.zeros(4, 5, 2), torch.tensor([3.0, 4.0]).expand(4, 5, 2))
    tensor(5.)

    Source: Baker et al. 2011, "A database and evaluation methodology for optical flow", equation 2.
    """
    check_real(input, "input")
    check_real(target, "target")
    check_shape(input, "input", "*", 2)
    check_same_shape(target, "target", input)
    check_option(reduction, "reduction", ("none", "mean", "sum"))
    first, second, dtype = widen(input, target)
    # Its gradient at 0 is 0, where that of a root would be NaN.
    error = torch.linalg.vector_norm(first - second, dim=-1)
    if reduction != "none":
        total = error.sum()
        error = total / error.numel() if reduction == "mean" else total
    return narrow(error, dtype)


average_endpoint_error = aepe


class AEPE(module(aepe)): ...
