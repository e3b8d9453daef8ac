# SPDX-License-Identifier: Apache-2.0
"""Homographies: from four points, and the warp by one."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape, check_size
from foveal._op import op
from foveal._pixels import Pixels
from foveal.geometry.transform._sample import (
    PADDINGS,
    check_pixels,
    check_sampling,
    decode,
    encode,
    sample,
    wide_dtype,
)


@op
def get_perspective_transform(
    points_src: Float[Tensor, "batch 4 2"], points_dst: Float[Tensor, "batch 4 2"]
) -> Float[Tensor, "batch 3 3"]:
    """Return the homography that maps four points to four others.

    The eight linear equations are solved in closed form.

    Args:
        points_src: corners (x, y) of the source quadrilateral, (B, 4, 2), no three of them on one line.
        points_dst: corners of the destination quadrilateral in the same order, (B, 4, 2).

    Returns:
        Homographies whose last entry is 1, (B, 3, 3). One is NaN where its points leave the equations without a unique
        solution: where three source points are on a line, or all destination points, unless the map is affine.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument is not (B, 4, 2), or their batches differ.

    Convention: the matrix acts from the left on columns (x, y, 1).

    >>> square = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
    >>> get_perspective_transform(square, 2 * square + 3)
    tensor([[[2., 0., 3.],
             [0., 2., 3.],
             [0., 0., 1.]]])

    Source: Hartley and Zisserman 2004, "Multiple view geometry in computer vision", section 4.1.
    """
    check_floating(points_src, "points_src")
    check_floating(points_dst, "points_dst")
    check_shape(points_src, "points_src", "B", 4, 2)
    check_shape(points_dst, "points_dst", points_src.shape[0], 4, 2)
    dtype = wide_dtype(points_src, points_dst)
    matrix = _solve(points_src.to(dtype), points_dst.to(dtype))
    return (matrix / matrix[:, 2:, 2:]).to(torch.promote_types(points_src.dtype, points_dst.dtype))


def _solve(source: Float[Tensor, "batch 4 2"], destination: Float[Tensor, "batch 4 2"]) -> Float[Tensor, "batch 3 3"]:
    """Return the homography between points, up to scale.

    The first points are moved to the origin. The areas by which the others, weighted, add up to zero make all but
    the last row drop out of the equations.
    """
    points, images = source[:, 1:] - source[:, :1], destination[:, 1:] - destination[:, :1]
    areas = _cross(points.roll(-1, 1), points.roll(-2, 1))
    outer = _cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    lost = ((areas == 0).any(-1) | (outer == 0)).unsqueeze(-1)
    # Only the proportions of the areas count; the products of large ones would not be finite.
    size = areas.detach().abs().amax(-1, keepdim=True)
    weighted = (areas / torch.where(size == 0, 1, size)).unsqueeze(-1) * images
    system, right = (weighted.unsqueeze(-1) * points.unsqueeze(-2)).sum(1), weighted.sum(1)
    determinant = _cross(system[:, 0], system[:, 1]).unsqueeze(-1)
    flat = (determinant == 0) & (right == 0).all(-1, keepdim=True)
    last = torch.stack([_cross(system[..., 1], right), _cross(right, system[..., 0])], dim=-1)
    last = last / torch.where(determinant == 0, torch.where(flat, 1, torch.nan), determinant)
    last = torch.where(lost, torch.nan, torch.where(flat, 0, last))
    scaled = images * (1 + (last.unsqueeze(1) * points).sum(-1, keepdim=True))
    (x, y), (right_x, right_y) = points[:, 0].unbind(-1), points[:, 2].unbind(-1)
    first, third = scaled[:, 0], scaled[:, 2]
    area = torch.where(lost, 1, (x * right_y - y * right_x).unsqueeze(-1))
    by_x = (first * right_y.unsqueeze(-1) - third * y.unsqueeze(-1)) / area
    by_y = (third * x.unsqueeze(-1) - first * right_x.unsqueeze(-1)) / area
    rows = torch.cat([torch.stack([by_x, by_y], dim=-1), last.unsqueeze(1)], dim=1)
    matrix = torch.cat(
        [rows, torch.eye(3, 1, device=rows.device, dtype=rows.dtype).flip(0).expand(len(rows), 3, 1)], -1
    )
    return product(product(translation(destination[:, 0]), matrix), translation(-source[:, 0]))


@op
def warp_perspective(
    src: Pixels[Tensor, "batch channels height width"],
    M: Float[Tensor, "#batch 3 3"],
    dsize: tuple[int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
    fill_value: Tensor | None = None,
) -> Pixels[Tensor, "batch channels rows columns"]:
    """Warp images by homographies of pixel coordinates.

    Args:
        src: images, (B, C, H, W); bytes give bytes, rounded.
        M: homographies from source to destination pixels, up to scale, (B, 3, 3) or (1, 3, 3) for all images.
        dsize: rows and columns of the result.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"`, `"reflection"` or `"fill"`.
        align_corners: reflect about the centres of the outer pixels, else about their outer edges; nothing else
            depends on it, for homographies are of pixels.
        fill_value: what `"fill"` puts there: one number, one per channel (C,), or what broadcasts to the result;
            `None` is zero.

    Returns:
        Warped images, (B, C, h, w).

    Raises:
        TypeError: `src` is neither floating-point nor uint8, or another argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: pixel centres are on integers. A point on the horizon of `M` is far outside the image.

    >>> shift = torch.tensor([[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> warp_perspective(torch.tensor([[[[1.0, 2.0, 3.0]]]]), shift, (1, 3))
    tensor([[[[0., 1., 2.]]]])
    """
    check_pixels(src, "src")
    check_floating(M, "M")
    check_shape(M, "M", 1 if M.shape[:1] == (1,) else src.shape[0], 3, 3)
    check_size(dsize, "dsize", 2, smallest=0)
    check_sampling(mode, padding_mode, (*PADDINGS, "fill"))
    inverse = adjugate(M.to(wide_dtype(src, M)))
    return warp(src, inverse, dsize, mode, padding_mode, align_corners, fill_value)


def warp(
    src: Tensor,
    inverse: Float[Tensor, "#batch 3 3"],
    size: tuple[int, int],
    mode: str,
    padding_mode: str,
    align_corners: bool,
    fill_value: Tensor | None,
) -> Tensor:
    """Sample images where homographies send the pixels of the result."""
    x, y = map_pixels(inverse.expand(src.shape[0], 3, 3), size)
    pixels = decode(src)
    if padding_mode != "fill":
        return encode(sample(pixels, x, y, mode, padding_mode, align_corners), src)
    warped = sample(pixels, x, y, mode, "zeros", align_corners)
    covered = sample(torch.ones_like(pixels[:, :1]), x, y, mode, "zeros", align_corners)
    return encode(warped + (1 - covered) * _fill(fill_value, warped), src)


def _fill(value: Tensor | None, warped: Tensor) -> Tensor | float:
    """Lay a fill value out so that it broadcasts to the warped image."""
    if value is None:
        return 0.0
    check_floating(value, "fill_value")
    filled = value.view(-1, 1, 1) if value.ndim == 1 else value
    fits = all(a in (1, b) for a, b in zip(filled.shape[::-1], warped.shape[::-1], strict=False))
    if not fits or filled.ndim > warped.ndim:
        raise ValueError(
            f"fill_value must have one value, one per channel, or broadcast to {tuple(warped.shape)}, "
            f"got {tuple(value.shape)}"
        )
    return filled.to(warped.dtype)


def map_pixels(
    matrix: Float[Tensor, "batch 3 3"], size: tuple[int, int]
) -> tuple[Float[Tensor, "batch rows columns"], Float[Tensor, "batch rows columns"]]:
    """Return where homographies send each pixel of a grid."""
    row = torch.arange(size[0], device=matrix.device, dtype=matrix.dtype)[:, None]
    column = torch.arange(size[1], device=matrix.device, dtype=matrix.dtype)
    x, y, scale = (
        (matrix[:, i, 0, None, None] * column + matrix[:, i, 1, None, None] * row) + matrix[:, i, 2, None, None]
        for i in range(3)
    )
    scale = torch.where(scale == 0, torch.finfo(scale.dtype).eps, scale)
    return x / scale, y / scale


def adjugate(matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Return the inverse times the determinant: the inverse of a homography, which has no scale, without a division."""
    first, second, third = matrix.unbind(-2)
    columns = [torch.linalg.cross(*rows) for rows in ((second, third), (third, first), (first, second))]
    return torch.stack(columns, dim=-1)


def quadrilateral_to_quadrilateral(
    source: Float[Tensor, "batch 4 2"], destination: Float[Tensor, "batch 4 2"]
) -> Float[Tensor, "batch 3 3"]:
    """Return the homography between two quadrilaterals, up to scale.

    Both are moved to the origin first, so that shifts and scales by integers come out exact.
    """
    matrix = product(square_to_quadrilateral(destination), adjugate(square_to_quadrilateral(source)))
    matrix = matrix / matrix[:, 2:, 2:]
    return product(product(translation(destination[:, 0]), matrix), translation(-source[:, 0]))


def product(first: Float[Tensor, "batch 3 3"], second: Float[Tensor, "batch 3 3"]) -> Float[Tensor, "batch 3 3"]:
    """Return the matrix product; an operator `@` would be rounded to half precision under autocast."""
    return (first.unsqueeze(-1) * second.unsqueeze(-3)).sum(dim=-2)


def translation(offset: Float[Tensor, "batch 2"]) -> Float[Tensor, "batch 3 3"]:
    """Return the matrices that add an offset (x, y)."""
    column = torch.cat([offset, torch.ones_like(offset[:, :1])], dim=-1)
    identity = torch.eye(3, 2, device=offset.device, dtype=offset.dtype).expand(offset.shape[0], 3, 2)
    return torch.cat([identity, column.unsqueeze(-1)], dim=-1)


def square_to_quadrilateral(corners: Float[Tensor, "batch 4 2"]) -> Float[Tensor, "batch 3 3"]:
    """Return the homography from the unit square to a quadrilateral that is moved to start at the origin.

    It is affine, without a division by zero, for every parallelogram, also one without area.
    """
    origin, along, across, down = corners.unbind(-2)
    # Zero for a parallelogram, exactly: its sides are equal as rounded.
    skew = (origin - along) + (across - down)
    side, base = along - across, down - across
    area = _cross(side, base)
    flat = area == 0
    area = torch.where(flat, 1, area)
    g = torch.where(flat, 0, _cross(skew, base) / area).unsqueeze(-1)
    h = torch.where(flat, 0, _cross(side, skew) / area).unsqueeze(-1)
    along, down = along - origin, down - origin
    columns = [
        torch.cat([along + g * along, g], dim=-1),
        torch.cat([down + h * down, h], dim=-1),
        torch.cat([torch.zeros_like(origin), torch.ones_like(g)], dim=-1),
    ]
    return torch.stack(columns, dim=-1)


def _cross(first: Tensor, second: Tensor) -> Tensor:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
