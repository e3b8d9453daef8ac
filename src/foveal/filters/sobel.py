# SPDX-License-Identifier: Apache-2.0
"""The magnitude of Sobel's gradient."""

from jaxtyping import Float, Real
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_images, narrow, widen
from foveal.filters.spatial_gradient import spatial_gradient


@op
def sobel(
    input: Real[Tensor, "batch channels height width"], normalized: bool = True, eps: float = 1e-6
) -> Float[Tensor, "batch channels height width"]:
    """Return the magnitude of the gradient of each channel, sqrt(gx^2 + gy^2 + eps).

    Args:
        input: images, (B, C, H, W); integers are taken as float32.
        normalized: estimate the slope itself; else eight times it, what the integer stencils answer.
        eps: keeps the gradient finite where the image is flat; there the magnitude is sqrt(eps).

    Returns:
        Magnitudes, (B, C, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers.
        ValueError: `input` has not four dimensions.

    Convention: the border is replicated.

    >>> import torch
    >>> step = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 1, 3, 4)
    >>> sobel(step, eps=0.0)[0, 0, 1]
    tensor([0.0000, 0.5000, 0.5000, 0.0000])

    Source: Sobel and Feldman 1968, "A 3x3 isotropic gradient operator for image processing".
    """
    check_images(input, "input")
    # Half precision would overflow in the squares.
    x, y = spatial_gradient.reference(widen(input), "sobel", 1, normalized).unbind(2)
    return narrow((x * x + y * y + eps).sqrt(), input)


class Sobel(module(sobel)): ...
