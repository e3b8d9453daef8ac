# SPDX-License-Identifier: Apache-2.0
"""The encoder of pose estimation: points to maps of confidence."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_option, check_positive, check_shape, check_size
from foveal._op import op

ALIGNMENTS = ("first", "center")


@op
def render_confidence_maps(
    points: Float[Tensor, "samples *instances channels 2"],
    size: tuple[int, int],
    sigma: Tensor | float,
    *,
    stride: int = 1,
    align: str = "first",
) -> Float[Tensor, "samples channels rows columns"]:
    """Render points as maps with a Gaussian of height 1 at each, the instances of a channel combined by maximum.

    Args:
        points: (x, y) in input pixels, (samples, channels, 2) or (samples, instances, channels, 2). One that is NaN or
            infinite is absent: it leaves its map as it is, and its gradient is zero.
        size: height and width of the input image in pixels.
        sigma: standard deviation in input pixels, whatever the stride; a number, or a tensor that broadcasts to the
            leading dimensions of `points` (such as one value per channel).
        stride: input pixels per cell, along each axis.
        align: the input pixel that cell i stands for: its `"first"`, i * stride (SLEAP's), or its `"center"`,
            i * stride + (stride - 1) / 2.

    Returns:
        Maps, (samples, channels, ceil(height / stride), ceil(width / stride)), in [0, 1].

    Raises:
        TypeError: `points` is not a floating-point tensor, or `size` is not a tuple of integers.
        ValueError: `points` has another shape, `align` is unknown, or a number is not positive.

    Convention: pixel centres are on integers. A cell at column j is decoded to x = j * stride (+ (stride - 1) / 2).

    >>> render_confidence_maps(torch.tensor([[[2.0, 0.0]]]), (2, 4), 1.0)
    tensor([[[[0.1353, 0.6065, 1.0000, 0.6065],
              [0.0821, 0.3679, 0.6065, 0.3679]]]])
    """
    check_floating(points, "points")
    check_shape(points, "points", "samples", *["instances"] * (points.ndim != 3), "channels", 2)
    check_size(size, "size", 2)
    check_positive(sigma, "sigma")
    check_size((stride,), "stride", 1)
    check_option(align, "align", ALIGNMENTS)
    first = (stride - 1) / 2 if align == "center" else 0.0
    present = points.isfinite().all(dim=-1)[..., None]
    # A place that is finite stands in for the absent, so that no gradient is NaN.
    x, y = torch.where(present, points, 0).unbind(dim=-1)
    across = torch.where(present, _profile(x, size[1], stride, first, sigma), 0)
    down = torch.where(present, _profile(y, size[0], stride, first, sigma), 0)
    maps = down[..., :, None] * across[..., None, :]
    if maps.ndim == 4:
        return maps
    return maps.amax(dim=1) if maps.shape[1] else maps.sum(dim=1)


def _profile(centre: Tensor, size: int, stride: int, first: float, sigma: Tensor | float) -> Tensor:
    cells = torch.arange(0, size, stride, device=centre.device, dtype=centre.dtype) + first
    width = sigma[..., None] if isinstance(sigma, Tensor) else sigma
    return torch.exp(-(((cells - centre[..., None]) / width) ** 2) / 2)
