# SPDX-License-Identifier: Apache-2.0
"""Drawing of points, lines, rectangles and polygons. Every function draws into the image that it is given."""

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_count, check_same_shape, check_shape, check_tensor


def draw_point2d(image: Num[Tensor, "*channels height width"], points: Tensor, color: Tensor) -> Tensor:
    """Give pixels a colour, in place.

    Args:
        image: (C, H, W) or (H, W). It is changed.
        points: (x, y) of the pixels, (N, 2) or (2,), rounded to the nearest centre, halves up.
        color: one value per channel, (C,), or one for all, (1,) or (). Cast to the dtype of the image, not scaled.

    Returns:
        `image` itself.

    Raises:
        TypeError: an argument is not a tensor.
        ValueError: other shapes, or a point outside of the image.

    >>> draw_point2d(torch.zeros(2, 3), torch.tensor([[2, 1]]), torch.tensor(7.0))
    tensor([[0., 0., 0.],
            [0., 0., 7.]])
    """
    check_tensor(image, "image")
    check_shape(image, "image", *(("H", "W") if image.ndim == 2 else ("C", "H", "W")))
    check_tensor(points, "points")
    check_shape(points, "points", *((2,) if points.ndim == 1 else ("N", 2)))
    planes = image if image.ndim == 3 else image[None]
    x, y = _pixels(points.reshape(-1, 2).to(image.device), planes, "points").unbind(dim=-1)
    planes[:, y, x] = _colour(color, planes)[:, None]
    return image


def draw_line(image: Num[Tensor, "channels height width"], p1: Tensor, p2: Tensor, color: Tensor) -> Tensor:
    """Draw lines one pixel wide, in place: along the longer axis, the pixel nearest to the segment, halves up.

    Args:
        image: (C, H, W). It is changed.
        p1: (x, y) of one end of each line, (2,) or (N, 2), rounded to the nearest centre, halves up.
        p2: of the other ends, of the same shape.
        color: one value per channel, (C,), or one for all, (1,) or (). Cast to the dtype of the image, not scaled.

    Returns:
        `image` itself.

    Raises:
        TypeError: an argument is not a tensor.
        ValueError: other shapes, or an end outside of the image.

    >>> draw_line(torch.zeros(1, 2, 4), torch.tensor([0, 0]), torch.tensor([3, 1]), torch.tensor([1.0]))
    tensor([[[1., 1., 0., 0.],
             [0., 0., 1., 1.]]])

    Source: Bresenham 1965, "Algorithm for computer control of a digital plotter".
    """
    check_shape(image, "image", "C", "H", "W")
    check_tensor(p1, "p1")
    check_shape(p1, "p1", *((2,) if p1.ndim == 1 else ("N", 2)))
    check_same_shape(p2, "p2", p1)
    start = _pixels(p1.reshape(-1, 2).to(image.device), image, "p1")
    step = _pixels(p2.reshape(-1, 2).to(image.device), image, "p2") - start
    if not len(start):
        return image
    count = step.abs().amax(dim=1)
    # A shorter line stays at its end while longer ones go on.
    at = torch.arange(int(count.max()) + 1, device=image.device).minimum(count[:, None])[..., None]
    count = count.clamp(min=1)[:, None, None]
    points = start[:, None] + (2 * at * step[:, None] + count).div(2 * count, rounding_mode="floor")
    x, y = points.flatten(0, 1).unbind(dim=-1)
    image[:, y, x] = _colour(color, image)[:, None]
    return image


def draw_rectangle(
    image: Num[Tensor, "batch channels height width"],
    rectangle: Tensor,
    color: Tensor | None = None,
    fill: bool | None = None,
    line_width: int = 1,
) -> Tensor:
    """Draw rectangles, in place: their outline, inside of them, or all of them.

    Args:
        image: (B, C, H, W). It is changed.
        rectangle: two opposite corners x1, y1, x2, y2 of each, both drawn, (B, N, 4), rounded to the nearest centre,
            halves up. What lies outside of the image is cut off.
        color: (C,) or (B, N, C), or one value for all channels; by default black. Cast to the dtype of the image.
        fill: draw all of the rectangle.
        line_width: pixels across the outline.

    Returns:
        `image` itself.

    Raises:
        TypeError: an argument is not a tensor, or `line_width` not an integer.
        ValueError: other shapes, or `line_width` is not positive.

    >>> draw_rectangle(torch.zeros(1, 1, 3, 4), torch.tensor([[[0, 0, 2, 2]]]), torch.tensor([1.0]))
    tensor([[[[1., 1., 1., 0.],
              [1., 0., 1., 0.],
              [1., 1., 1., 0.]]]])
    """
    check_shape(image, "image", "B", "C", "H", "W")
    check_shape(rectangle, "rectangle", image.shape[0], "N", 4)
    check_count(line_width, "line_width", smallest=1)
    batch, channels = image.shape[:2]
    count = rectangle.shape[1]
    color = torch.zeros(1) if color is None else color
    if color.ndim > 1 and color.shape[:2] != (batch, count):
        raise ValueError(f"color must have shape (C,) or ({batch}, {count}, C), got {tuple(color.shape)}")
    if color.ndim not in (0, 1, 3) or (color.ndim and color.shape[-1] not in (1, channels)):
        raise ValueError(f"color must hold 1 value or {channels}, got shape {tuple(color.shape)}")
    colours = color.to(image).expand(batch, count, channels).reshape(batch * count, channels, 1, 1).unbind()
    rounded = rectangle.detach() if not rectangle.is_floating_point() else (rectangle.detach() + 0.5).floor().long()
    for number, (planes, corners) in enumerate(zip(image.unbind(), rounded.tolist(), strict=True)):
        for place, (x1, y1, x2, y2) in enumerate(corners):
            (left, right), (top, bottom) = sorted((x1, x2)), sorted((y1, y2))
            sides = ((left, top, right + 1, bottom + 1),)
            if not fill:
                inner = min(left + line_width, right + 1), min(top + line_width, bottom + 1)
                outer = max(right + 1 - line_width, left), max(bottom + 1 - line_width, top)
                sides = (
                    (left, top, right + 1, inner[1]),
                    (left, outer[1], right + 1, bottom + 1),
                    (left, inner[1], inner[0], outer[1]),
                    (outer[0], inner[1], right + 1, outer[1]),
                )
            for a, b, c, d in sides:
                area = planes[:, max(b, 0) : max(d, 0), max(a, 0) : max(c, 0)]
                area.copy_(colours[number * count + place])
    return image


def draw_convex_polygon(
    images: Num[Tensor, "batch channels height width"], polygons: Tensor | list[Tensor], colors: Tensor
) -> Tensor:
    """Fill convex polygons, in place: the pixels whose centres they hold, their border counted in.

    Args:
        images: (B, C, H, W). They are changed.
        polygons: vertices (x, y) of a polygon per image, (B, N, 2), or a list of (N, 2) of any lengths; not rounded. A
            polygon that is not convex is filled from its first to its last crossing of each row.
        colors: (B, C) or (C,), or one value for all channels, (B, 1), (1,) or (). Cast to the dtype of the images.

    Returns:
        `images` itself.

    Raises:
        TypeError: an argument is not a tensor.
        ValueError: other shapes.

    >>> draw_convex_polygon(torch.zeros(1, 1, 2, 4), torch.tensor([[[0, 0], [2, 0], [0, 2]]]), torch.tensor([[1.0]]))
    tensor([[[[1., 1., 1., 0.],
              [1., 1., 0., 0.]]]])
    """
    check_shape(images, "images", "B", "C", "H", "W")
    batch, channels, height, width = images.shape
    if isinstance(polygons, list):
        for polygon in polygons:
            check_shape(polygon, "polygons", "N", 2)
        # No comparison holds for what fills up shorter polygons.
        padded = [polygon.double() for polygon in polygons] or [torch.zeros(0, 2)]
        polygons = torch.nn.utils.rnn.pad_sequence([_closed(p) for p in padded], True, padding_value=torch.nan)
        ends = polygons[:, :-1], polygons[:, 1:]
    else:
        check_shape(polygons, "polygons", "B", "N", 2)
        ends = polygons.double(), polygons.double().roll(-1, dims=1)
    if len(ends[0]) != batch:
        raise ValueError(f"polygons must hold one for each of {batch} images, got {len(ends[0])}")
    check_tensor(colors, "colors")
    if colors.ndim > 2 or (colors.ndim and colors.shape[-1] not in (1, channels)):
        raise ValueError(f"colors must have shape (B, C) or (C,) for {channels} channels, got {tuple(colors.shape)}")
    if colors.ndim == 2 and len(colors) != batch:
        raise ValueError(f"colors must hold one for each of {batch} images, got {len(colors)}")
    if not images.numel() or not ends[0].numel():
        return images
    (left, right), (top, bottom) = _limits(ends[0], (width, height))
    if left >= right or top >= bottom:
        return images
    rows = torch.arange(top, bottom, device=images.device, dtype=torch.float64)
    first, last = _crossings(*ends, rows)
    columns = torch.arange(left, right, device=images.device, dtype=torch.float64)
    inside = (columns >= first[..., None]) & (columns <= last[..., None])
    area = images[:, :, top:bottom, left:right]
    colours = colors.to(images).expand(batch, channels)[..., None, None]
    area.copy_(torch.where(inside[:, None], colours, area))
    return images


def _closed(polygon: Tensor) -> Tensor:
    return torch.cat([polygon, polygon[:1]])


def _limits(vertices: Tensor, size: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the columns, and the rows, that hold the vertices, the last ones not counted in."""
    flat = vertices.detach().reshape(-1, 2).nan_to_num(nan=torch.nan, posinf=2.0**31, neginf=-(2.0**31))
    flat = flat[~flat.isnan().any(dim=1)]
    if not len(flat):
        return [(0, 0), (0, 0)]
    low, high = flat.amin(dim=0).floor().tolist(), flat.amax(dim=0).ceil().tolist()
    return [(max(int(a), 0), min(int(b) + 1, side)) for a, b, side in zip(low, high, size, strict=True)]


def _crossings(start: Tensor, end: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return where each row first and last meets the edges, (B, rows)."""
    (x1, y1), (x2, y2) = (points[:, :, None].unbind(dim=-1) for points in (start, end))
    meets = (rows >= torch.minimum(y1, y2)) & (rows <= torch.maximum(y1, y2))
    level = y1 == y2
    # Divided last: a whole number comes out whole, so that pixels on the border count.
    slope = torch.where(level, 1, y2 - y1)
    at = (x1 * slope + (rows - y1) * (x2 - x1)) / slope
    near, far = torch.where(level, torch.minimum(x1, x2), at), torch.where(level, torch.maximum(x1, x2), at)
    return torch.where(meets, near, torch.inf).amin(dim=1), torch.where(meets, far, -torch.inf).amax(dim=1)


def _pixels(points: Tensor, image: Tensor, name: str) -> Tensor:
    """Return the pixels nearest to points (N, 2); raise where one is outside of the image."""
    pixels = (points.detach() + 0.5).floor().long() if points.is_floating_point() else points.long()
    height, width = image.shape[-2:]
    if len(pixels):
        (left, top), (right, bottom) = pixels.amin(dim=0).tolist(), pixels.amax(dim=0).tolist()
        if left < 0 or top < 0 or right >= width or bottom >= height:
            raise ValueError(
                f"{name} must lie in the image of {height} rows and {width} columns, got one outside of it"
            )
    return pixels


def _colour(color: Tensor, image: Tensor) -> Tensor:
    check_tensor(color, "color")
    if color.ndim > 1 or (color.ndim and len(color) not in (1, len(image))):
        raise ValueError(f"color must hold 1 value or {len(image)}, got shape {tuple(color.shape)}")
    return color.to(image).expand(len(image))
