# SPDX-License-Identifier: Apache-2.0
"""Matrices of affine maps of pixel coordinates."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.transform._angle import cosine_and_sine
from foveal.geometry.transform._sample import wide_dtype
from foveal.geometry.transform.perspective import product, translation


@op
def get_rotation_matrix2d(
    center: Float[Tensor, "batch 2"], angle: Float[Tensor, " batch"], scale: Float[Tensor, "batch 2"]
) -> Float[Tensor, "batch 2 3"]:
    """Return the map that scales along x and y, then turns, about a centre that stays where it is.

    Args:
        center: (x, y) in pixels, (B, 2).
        angle: degrees, positive turns counter-clockwise as displayed, (B,).
        scale: factors along x and y, (B, 2).

    Returns:
        Affine maps, (B, 2, 3).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    Convention: the matrix acts from the left on columns (x, y, 1); y points down. `get_affine_matrix2d` turns the other
    way. Multiples of 90 degrees are exact.

    >>> get_rotation_matrix2d(torch.zeros(1, 2), torch.tensor([90.0]), torch.ones(1, 2))
    tensor([[[ 0.,  1.,  0.],
             [-1.,  0.,  0.]]])
    """
    check_floating(center, "center")
    check_shape(center, "center", "B", 2)
    check_floating(angle, "angle")
    check_shape(angle, "angle", center.shape[0])
    check_floating(scale, "scale")
    check_shape(scale, "scale", center.shape[0], 2)
    dtype = wide_dtype(center, angle, scale)
    matrix = rotation(center.to(dtype), angle.to(dtype), scale.to(dtype))
    return matrix[:, :2].to(center.dtype)


@op
def get_shear_matrix2d(
    center: Float[Tensor, "batch 2"],
    sx: Float[Tensor, " batch"] | None = None,
    sy: Float[Tensor, " batch"] | None = None,
) -> Float[Tensor, "batch 3 3"]:
    """Return the map that shears along x, then along y, about a centre.

    Args:
        center: (x, y) in pixels, (B, 2).
        sx: angle in radians, (B,): x becomes x - tan(sx) * (y - cy). `None` is zero.
        sy: angle in radians, (B,): then y becomes y - tan(sy) * (x - cx). `None` is zero.

    Returns:
        Affine maps, (B, 3, 3).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    Convention: the matrix acts from the left on columns (x, y, 1). `shear` takes factors, of the opposite sign, about
    the pixel (0, 0).

    >>> get_shear_matrix2d(torch.zeros(1, 2), sx=torch.tensor([0.5]))
    tensor([[[ 1.0000, -0.5463,  0.0000],
             [ 0.0000,  1.0000,  0.0000],
             [ 0.0000,  0.0000,  1.0000]]])
    """
    check_floating(center, "center")
    check_shape(center, "center", "B", 2)
    dtype = wide_dtype(center)
    tangents: list[Tensor] = []
    for shear, name in ((sx, "sx"), (sy, "sy")):
        if shear is None:
            tangents.append(torch.zeros_like(center[:, 0], dtype=dtype))
            continue
        check_floating(shear, name)
        check_shape(shear, name, center.shape[0])
        tangents.append(-torch.tan(shear.to(dtype)))
    return about(center.to(dtype), shearing(*tangents)).to(center.dtype)


@op
def get_translation_matrix2d(translations: Float[Tensor, "batch 2"]) -> Float[Tensor, "batch 3 3"]:
    """Return the map that adds an offset.

    Args:
        translations: (x, y) in pixels, (B, 2).

    Returns:
        Affine maps, (B, 3, 3).

    Raises:
        TypeError: `translations` is not a floating-point tensor.
        ValueError: `translations` is not (B, 2).

    Convention: the matrix acts from the left on columns (x, y, 1).

    >>> get_translation_matrix2d(torch.tensor([[2.0, 3.0]]))
    tensor([[[1., 0., 2.],
             [0., 1., 3.],
             [0., 0., 1.]]])
    """
    check_floating(translations, "translations")
    check_shape(translations, "translations", "B", 2)
    return translation(translations)


@op
def get_affine_matrix2d(
    translations: Float[Tensor, "batch 2"],
    center: Float[Tensor, "batch 2"],
    scale: Float[Tensor, "batch 2"],
    angle: Float[Tensor, " batch"],
    sx: Float[Tensor, " batch"] | None = None,
    sy: Float[Tensor, " batch"] | None = None,
) -> Float[Tensor, "batch 3 3"]:
    """Return the map that shears, scales and turns about a centre, then adds an offset.

    Args:
        translations: offset (x, y) in pixels, (B, 2).
        center: (x, y) in pixels, (B, 2).
        scale: factors along x and y, (B, 2).
        angle: degrees, positive turns clockwise as displayed, (B,).
        sx: angle of the shear along x in radians, as for `get_shear_matrix2d`, (B,).
        sy: angle of the shear along y in radians, (B,).

    Returns:
        Affine maps, (B, 3, 3).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    Convention: the matrix acts from the left on columns (x, y, 1); y points down. `get_rotation_matrix2d` and `rotate`
    turn the other way.

    >>> one = torch.ones(1, 2)
    >>> get_affine_matrix2d(2 * one, 0 * one, one, torch.tensor([90.0]))
    tensor([[[ 0., -1.,  2.],
             [ 1.,  0.,  2.],
             [ 0.,  0.,  1.]]])
    """
    check_floating(translations, "translations")
    check_shape(translations, "translations", "B", 2)
    for value, name, shape in ((center, "center", (2,)), (scale, "scale", (2,)), (angle, "angle", ())):
        check_floating(value, name)
        check_shape(value, name, translations.shape[0], *shape)
    dtype = wide_dtype(translations, center, scale, angle)
    matrix = rotation(center.to(dtype), -angle.to(dtype), scale.to(dtype))
    matrix = product(translation(translations.to(dtype)), matrix)
    if sx is not None or sy is not None:
        wide = [None if shear is None else shear.to(dtype) for shear in (sx, sy)]
        matrix = product(matrix, get_shear_matrix2d.reference(center.to(dtype), *wide))
    return matrix.to(translations.dtype)


@op
def invert_affine_transform(matrix: Float[Tensor, "batch 2 3"]) -> Float[Tensor, "batch 2 3"]:
    """Return the inverse of affine maps.

    Args:
        matrix: (B, 2, 3).

    Returns:
        Inverse maps, (B, 2, 3); not finite for a map that has none.

    Raises:
        TypeError: `matrix` is not a floating-point tensor.
        ValueError: `matrix` is not (B, 2, 3).

    >>> invert_affine_transform(torch.tensor([[[2.0, 0.0, 4.0], [0.0, 1.0, 1.0]]]))
    tensor([[[ 0.5000,  0.0000, -2.0000],
             [ 0.0000,  1.0000, -1.0000]]])
    """
    check_floating(matrix, "matrix")
    check_shape(matrix, "matrix", "B", 2, 3)
    a, b, x, d, e, y = matrix.to(wide_dtype(matrix)).flatten(1).unbind(-1)
    determinant = a * e - b * d
    rows = [torch.stack([e, 0 - b, b * y - e * x], dim=-1), torch.stack([0 - d, a, d * x - a * y], dim=-1)]
    return (torch.stack(rows, dim=1) / determinant[:, None, None]).to(matrix.dtype)


def rotation(
    center: Float[Tensor, "batch 2"], angle: Float[Tensor, " batch"], scale: Float[Tensor, "batch 2"]
) -> Float[Tensor, "batch 3 3"]:
    """Return `get_rotation_matrix2d` with its last row, unchecked."""
    cosine, sine = cosine_and_sine(angle)
    across, down = scale.unbind(-1)
    return about(center, linear(cosine * across, sine * down, 0 - sine * across, cosine * down))


def shearing(x: Float[Tensor, " batch"], y: Float[Tensor, " batch"]) -> Float[Tensor, "batch 3 3"]:
    """Return the map that adds x times the row to the column, then y times the column to the row."""
    return linear(torch.ones_like(x), x, y, 1 + x * y)


def linear(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Float[Tensor, "batch 3 3"]:
    """Return the maps [[a, b], [c, d]] about the origin, with their last row."""
    zero, one = torch.zeros_like(a), torch.ones_like(a)
    return torch.stack([a, b, zero, c, d, zero, zero, zero, one], dim=-1).unflatten(-1, (3, 3))


def about(center: Float[Tensor, "batch 2"], matrix: Float[Tensor, "batch 3 3"]) -> Float[Tensor, "batch 3 3"]:
    """Return an affine map about the origin as one about a centre."""
    moved = center - (matrix[:, :2, :2] * center.unsqueeze(1)).sum(dim=-1)
    return matrix + pad(moved.unsqueeze(-1), (2, 0, 0, 1))
