# SPDX-License-Identifier: Apache-2.0
"""Affine warps of images by an angle, an offset, factors or shears."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.geometry.transform.affine import as_batch, center_of, check_shared, warp_within
from foveal.geometry.transform.affine_matrix import about, get_rotation_matrix2d, linear
from foveal.geometry.transform.perspective import translation as shift


@op
def rotate(
    tensor: Pixels[Tensor, "*batch channels height width"],
    angle: Float[Tensor, ""] | Float[Tensor, " count"],
    center: Float[Tensor, "centers 2"] | None = None,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Pixels[Tensor, "*batch channels height width"]:
    """Turn images about a centre, counter-clockwise as displayed.

    Args:
        tensor: images, (B, C, H, W) or (C, H, W).
        angle: degrees, (B,), or one for all images.
        center: (x, y) in pixels, (B, 2) or (1, 2); `None` is the middle of the image.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine`.

    Returns:
        Turned images, of the shape of `tensor`.

    Raises:
        TypeError: `tensor` is neither floating-point nor uint8, or another argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: `get_affine_matrix2d` turns the other way. Quarter turns of a square are `torch.rot90`, bit for bit.

    >>> rotate(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), torch.tensor([90.0]))
    tensor([[[2., 4.],
             [1., 3.]]])
    """
    images = as_batch(tensor, "tensor")
    check_floating(angle, "angle")
    if angle.ndim > 0:
        check_shared(angle, "angle", images)
    middle = center_of(center, images)
    turn = get_rotation_matrix2d(middle, angle.to(middle.dtype).expand(middle.shape[0]), torch.ones_like(middle))
    return warp_within(tensor, turn, mode, padding_mode, align_corners)


@op
def translate(
    tensor: Pixels[Tensor, "*batch channels height width"],
    translation: Float[Tensor, "count 2"],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Pixels[Tensor, "*batch channels height width"]:
    """Move images by an offset in pixels.

    Args:
        tensor: images, (B, C, H, W) or (C, H, W).
        translation: (x, y), to the right and down, (B, 2) or (1, 2) for all images.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine`.

    Returns:
        Moved images, of the shape of `tensor`.

    Raises:
        TypeError: `tensor` is neither floating-point nor uint8, or `translation` not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    >>> translate(torch.tensor([[[1.0, 2.0, 3.0]]]), torch.tensor([[1.0, 0.0]]))
    tensor([[[0., 1., 2.]]])
    """
    images = as_batch(tensor, "tensor")
    check_shared(translation, "translation", images, 2)
    return warp_within(tensor, shift(translation)[:, :2], mode, padding_mode, align_corners)


@op
def scale(
    tensor: Pixels[Tensor, "*batch channels height width"],
    scale_factor: Float[Tensor, " count"] | Float[Tensor, "count 2"],
    center: Float[Tensor, "centers 2"] | None = None,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Pixels[Tensor, "*batch channels height width"]:
    """Enlarge (or shrink) what images show about a centre, at their own size.

    Args:
        tensor: images, (B, C, H, W) or (C, H, W).
        scale_factor: factors along x and y, (B, 2) or (1, 2), or one for both, (B,) or (1,).
        center: (x, y) in pixels, (B, 2) or (1, 2); `None` is the middle of the image.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine`.

    Returns:
        Scaled images, of the shape of `tensor`.

    Raises:
        TypeError: `tensor` is neither floating-point nor uint8, or another argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    >>> scale(torch.tensor([[[1.0, 2.0, 3.0]]]), torch.tensor([2.0]))
    tensor([[[1.5000, 2.0000, 2.5000]]])
    """
    images = as_batch(tensor, "tensor")
    check_floating(scale_factor, "scale_factor")
    factors = scale_factor.unsqueeze(-1).expand(-1, 2) if scale_factor.ndim == 1 else scale_factor
    check_shared(factors, "scale_factor", images, 2)
    middle = center_of(center, images)
    across, down = factors.to(middle.dtype).expand(middle.shape[0], 2).unbind(-1)
    matrix = about(middle, linear(across, torch.zeros_like(across), torch.zeros_like(across), down))
    return warp_within(tensor, matrix[:, :2], mode, padding_mode, align_corners)


@op
def shear(
    tensor: Pixels[Tensor, "*batch channels height width"],
    shear: Float[Tensor, "count 2"],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
) -> Pixels[Tensor, "*batch channels height width"]:
    """Shear images about their first pixel.

    Args:
        tensor: images, (B, C, H, W) or (C, H, W).
        shear: what a row adds to the column and a column to the row, (B, 2) or (1, 2) for all images.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine`.

    Returns:
        Sheared images, of the shape of `tensor`.

    Raises:
        TypeError: `tensor` is neither floating-point nor uint8, or `shear` not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: factors, where `get_shear_matrix2d` and `Affine` take angles, of the opposite sign, about a centre.

    >>> shear(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), torch.tensor([[1.0, 0.0]]))
    tensor([[[1., 2.],
             [0., 3.]]])
    """
    images = as_batch(tensor, "tensor")
    check_shared(shear, "shear", images, 2)
    x, y = shear.unbind(-1)
    matrix = linear(torch.ones_like(x), x, y, torch.ones_like(x))
    return warp_within(tensor, matrix[:, :2], mode, padding_mode, align_corners)


class Rotate(module(rotate, inputs=("tensor",))): ...


class Translate(module(translate, inputs=("tensor",))): ...


class Scale(module(scale, inputs=("tensor",))): ...


class Shear(module(shear, inputs=("tensor",), align_corners=True)): ...
