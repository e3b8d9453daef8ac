# SPDX-License-Identifier: Apache-2.0
"""Surface normals drawn as colours."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_pixels, check_shape
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels


@op
def normals_to_rgb255(image: Float[Tensor, "*batch 3 height width"]) -> Float[Tensor, "*batch 3 height width"]:
    """Map the components of surface normals from [-1, 1] to [0, 255]; values outside are clipped.

    Args:
        image: normals (x, y, z), (*, 3, H, W).

    Returns:
        RGB in [0, 255], (*, 3, H, W), in the dtype of `image`: not rounded.

    Raises:
        TypeError: `image` is not a floating-point tensor.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> normals_to_rgb255(torch.tensor([1.0, 0.0, -1.0]).view(3, 1, 1)).flatten()
    tensor([255.0000, 127.5000,   0.0000])
    """
    check_floating(image, "image")
    check_shape(image, "image", "*", 3, "H", "W")
    return (image * 127.5 + 127.5).clamp(0, 255)


@op
def rgb255_to_normals(image: Pixels[Tensor, "*batch 3 height width"]) -> Float[Tensor, "*batch 3 height width"]:
    """Map RGB in [0, 255] to surface normals of length one.

    Args:
        image: RGB in [0, 255], (*, 3, H, W), floats or uint8.

    Returns:
        Normals (x, y, z), (*, 3, H, W): float32 for bytes, else in the dtype of `image`. A pixel of 127.5 in each
        channel has no direction, and gives zeros with gradient zero.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> rgb255_to_normals(torch.tensor([255.0, 127.5, 127.5]).view(3, 1, 1)).flatten()
    tensor([1., 0., 0.])
    """
    check_pixels(image, "image", 3)
    wide = image.to(torch.promote_types(image.dtype, torch.float32))
    vector = wide / 127.5 - 1
    square = (vector * vector).sum(dim=-3, keepdim=True)
    is_zero = square == 0
    normal = vector * torch.where(is_zero, 0, torch.where(is_zero, 1, square).rsqrt())
    return normal.to(image.dtype if image.is_floating_point() else wide.dtype)


class NormalsToRgb255(module(normals_to_rgb255)): ...


class Rgb255ToNormals(module(rgb255_to_normals)): ...
