# SPDX-License-Identifier: Apache-2.0
"""Integral regression: the mean position of a map's mass on a grid of coordinates."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op


@op
def integral_regression(
    cms: Float[Tensor, "samples channels height width"], xv: Float[Tensor, " width"], yv: Float[Tensor, " height"]
) -> tuple[Float[Tensor, "samples channels"], Float[Tensor, "samples channels"]]:
    """Return the mean coordinate of each map, its values taken as weights.

    A mean over a window is biased towards the window's centre; it is SLEAP's refinement, kept for parity.

    Args:
        cms: maps, (samples, channels, height, width).
        xv: x coordinate of each column, (width,), in the unit of the result.
        yv: y coordinate of each row, (height,).

    Returns:
        x_hat and y_hat, each (samples, channels); the mean of `xv` and `yv` where the values of a map sum to zero.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: `cms` has not four dimensions, or `xv` and `yv` do not have its width and height.

    >>> offsets = torch.tensor([-1.0, 0.0, 1.0])
    >>> integral_regression(torch.tensor([[[[0.0, 1.0, 0.0], [1.0, 3.0, 3.0], [0.0, 0.0, 0.0]]]]), offsets, offsets)
    (tensor([[0.2500]]), tensor([[-0.1250]]))

    Source: Sun et al. 2018, "Integral human pose regression", equation 2, without the softmax.
    """
    check_floating(cms, "cms")
    check_floating(xv, "xv")
    check_floating(yv, "yv")
    check_shape(cms, "cms", "samples", "channels", "height", "width")
    check_shape(xv, "xv", cms.shape[3])
    check_shape(yv, "yv", cms.shape[2])
    columns, rows = cms.sum(dim=-2), cms.sum(dim=-1)
    total = columns.sum(dim=-1, keepdim=True)
    return _mean(columns, total, xv.to(cms.dtype)), _mean(rows, total, yv.to(cms.dtype))


def _mean(weights: Tensor, total: Tensor, values: Tensor) -> Tensor:
    # Where the weights cancel out, all count alike: the middle of the grid, with a gradient of zero to the map.
    cancel = total == 0
    weights = torch.where(cancel, 1 / max(len(values), 1), weights / torch.where(cancel, 1, total))
    return (weights * values).sum(dim=-1)
