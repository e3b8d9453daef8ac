# SPDX-License-Identifier: Apache-2.0
"""The magnitude of Sobel's gradient."""

import torch
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.filters.spatial_gradient import spatial_gradient
from foveal.morphology._window import check_image, decode


@op
def sobel(
    input: Pixels[Tensor, "batch channels height width"], normalized: bool = True, eps: float = 1e-6
) -> Pixels[Tensor, "batch channels height width"]:
    """Return the magnitude of the gradient of each channel, sqrt(gx^2 + gy^2 + eps).

    Args:
        input: images, (B, C, H, W), floats or bytes, which are taken as float32 in [0, 255].
        normalized: estimate the slope itself; else eight times it, what the integer stencils answer.
        eps: keeps the gradient finite where the image is flat; there the magnitude is sqrt(eps).

    Returns:
        Magnitudes, (B, C, H, W).

    Raises:
        TypeError: `input` has neither a floating-point dtype nor bytes.
        ValueError: `input` has not four dimensions.

    Convention: the border is replicated.

    >>> step = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 1, 3, 4)
    >>> sobel(step, eps=0.0)[0, 0, 1]
    tensor([0.0000, 0.5000, 0.5000, 0.0000])

    Source: Sobel and Feldman 1968, "A 3x3 isotropic gradient operator for image processing".
    """
    check_image(input, "input")
    image = decode(input)
    # Half precision would overflow in the squares.
    wide = image.to(torch.promote_types(image.dtype, torch.float32))
    x, y = spatial_gradient.reference(wide, "sobel", 1, normalized).unbind(2)
    return (x * x + y * y + eps).sqrt().to(image.dtype)


class Sobel(module(sobel)): ...
