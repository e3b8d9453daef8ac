# SPDX-License-Identifier: Apache-2.0
"""Equalization of the histogram of whole images and volumes."""

import torch
from torch import Tensor

from foveal._op import op
from foveal._pixels import Pixels
from foveal.enhance._levels import check_image, counts_of, levels_of


@op
def equalize(input: Pixels[Tensor, "*batch height width"]) -> Pixels[Tensor, "*batch height width"]:
    """Spread the levels of each image plane so that all 256 of them are about equally frequent.

    A float image follows Pillow's `ImageOps.equalize`: a plane with fewer than 255 pixels outside its brightest level
    stays as it is. A uint8 image follows OpenCV's `equalizeHist`. Only planes that stay as they are have a gradient.

    Args:
        input: images in [0, 1], (*, H, W), or uint8; values outside count as black or white.

    Returns:
        Equalized images, (*, H, W), in the dtype of `input`.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8.
        ValueError: `input` has fewer than two dimensions.

    >>> equalize(torch.tensor([[10, 20], [20, 30]], dtype=torch.uint8))
    tensor([[  0, 170],
            [170, 255]], dtype=torch.uint8)

    Source: Gonzalez and Woods, "Digital image processing", section 3.3.
    """
    check_image(input, "input", "*", "H", "W")
    return equalize_planes(input.flatten(-2)).view(input.shape)


@op
def equalize3d(input: Pixels[Tensor, "*batch depth height width"]) -> Pixels[Tensor, "*batch depth height width"]:
    """Spread the levels of each volume so that all 256 of them are about equally frequent.

    Args:
        input: volumes in [0, 1], (*, D, H, W), or uint8; see `equalize`.

    Returns:
        Equalized volumes, (*, D, H, W), in the dtype of `input`.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8.
        ValueError: `input` has fewer than three dimensions.

    >>> equalize3d(torch.tensor([[[10, 20]], [[20, 30]]], dtype=torch.uint8))
    tensor([[[  0, 170]],
    <BLANKLINE>
            [[170, 255]]], dtype=torch.uint8)

    Source: as `equalize`.
    """
    check_image(input, "input", "*", "D", "H", "W")
    return equalize_planes(input.flatten(-3)).view(input.shape)


def equalize_planes(planes: Tensor) -> Tensor:
    """Equalize along the last axis."""
    levels = levels_of(planes)
    upto = counts_of(levels).cumsum(-1)
    total = planes.shape[-1]
    if planes.dtype is torch.uint8:
        darkest = torch.where(upto > 0, upto, total).amin(-1, keepdim=True)
        # In float32, as OpenCV: the products round as its own do.
        scale = 255 / (total - darkest).clamp(min=1).float()
        table = ((upto - darkest).float() * scale).round().clamp(0, 255).to(torch.uint8)
        return torch.where(darkest == total, planes, table.gather(-1, levels))
    below_brightest = torch.where(upto < total, upto, 0).amax(-1, keepdim=True)
    step = below_brightest // 255
    before = torch.cat([torch.zeros_like(step), upto[..., :-1]], dim=-1)
    table = ((before + step // 2) // step.clamp(min=1)).clamp(max=255)
    return torch.where(step == 0, planes, table.to(planes.dtype).gather(-1, levels) / 255)
