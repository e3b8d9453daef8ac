# SPDX-License-Identifier: Apache-2.0
"""Images enlarged by a windowed sinc, so that sampling between their pixels leaves no trace."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d, pad

# Pixels on either side that a sample is made of.
REACH = 8


def enlarge(image: Float[Tensor, "height width"], factor: int) -> Float[Tensor, "rows columns"]:
    """Return the image with `factor` samples per pixel along each axis, interpolated by Lanczos's kernel.

    Bilinear sampling blurs the more the further from a pixel centre it falls, which draws correlation peaks to centres;
    on the enlarged image that blur is `factor` squared times weaker.

    Args:
        image: (height, width); what lies outside continues its border.
        factor: samples per pixel.

    Returns:
        (height * factor, width * factor): pixel (y, x) of the image is sample (y * factor, x * factor).

    >>> enlarge(torch.full((2, 3), 0.5), 2)
    tensor([[0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],
            [0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],
            [0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],
            [0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000]])

    Source: Duchon 1979, "Lanczos filtering in one and two dimensions".
    """
    distance = torch.arange(1 - REACH, REACH + 1) - torch.arange(factor)[:, None] / factor
    kernel = torch.sinc(distance) * torch.sinc(distance / REACH)
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    for _ in range(2):
        height, width = image.shape
        extended = pad(image[None, None], (REACH - 1, REACH, 0, 0), mode="replicate")
        samples = conv2d(extended, kernel[:, None, None, :])[0]
        # The other axis takes its turn on the transposed image.
        image = samples.permute(2, 0, 1).reshape(width * factor, height)
    return image
