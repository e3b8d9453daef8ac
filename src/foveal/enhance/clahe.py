# SPDX-License-Identifier: Apache-2.0
"""Contrast limited adaptive histogram equalization (CLAHE)."""

from typing import NamedTuple

import torch
from torch import Tensor

from foveal._border import pad
from foveal._check import check_size
from foveal._op import op
from foveal._pixels import Pixels
from foveal.enhance._levels import LEVELS, check_image, counts_of, levels_of

# Standard deviation of the Gaussian that spreads a pixel over the levels of the differentiable histogram. One level
# further is four of them, so that two levels on either side hold all its weight.
BANDWIDTH = 0.001
REACH = 2


@op
def equalize_clahe(
    input: Pixels[Tensor, "*batch height width"],
    clip_limit: float = 40.0,
    grid_size: tuple[int, int] = (8, 8),
    slow_and_differentiable: bool = False,
) -> Pixels[Tensor, "*batch height width"]:
    """Equalize images by the histograms of tiles, clipped and blended.

    Args:
        input: images in [0, 1], (*, H, W), or uint8; values outside count as black or white.
        clip_limit: the highest bin allowed, as a multiple of the mean bin; what is above is spread over all bins.
            0 or less clips nothing.
        grid_size: number of tiles along height and width.
        slow_and_differentiable: take soft histograms, which have a gradient to the pixels; bytes have none.

    Returns:
        Equalized images, (*, H, W), in the dtype of `input`.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8, or `grid_size` is no tuple or list.
        ValueError: `input` has fewer than two dimensions, or an axis has fewer pixels than tiles.

    Convention: a float image blends by the distance of pixel centres to tile centres, without rounding, as Kornia; a
    uint8 image equals OpenCV's `createCLAHE(clip_limit, grid_size[::-1])`, which blends half a pixel off.

    >>> equalize_clahe(torch.tensor([[0.25, 0.25], [0.5, 0.75]]), grid_size=(1, 1))
    tensor([[0.5020, 0.5020],
            [0.7490, 1.0000]])

    Source: Zuiderveld 1994, "Contrast limited adaptive histogram equalization", Graphics Gems IV.
    """
    check_image(input, "input", "*", "H", "W")
    check_size(grid_size, "grid_size", 2)
    height, width = input.shape[-2:]
    if height < grid_size[0] or width < grid_size[1]:
        raise ValueError(f"input must have a pixel for each tile of {tuple(grid_size)}, got {height}x{width} pixels")
    tiling = Tiling.of(input, grid_size)
    images = input.reshape(-1, height, width)
    tiles = tiling.cut(images)
    if slow_and_differentiable and input.is_floating_point():
        tables = soft_tables(tiles, clip_limit)
    else:
        tables = level_tables(tiles, clip_limit)
    blended = blend(tables, levels_of(images), tiling)
    result = blended.round().to(torch.uint8) if input.dtype is torch.uint8 else (blended / 255).to(input.dtype)
    return result.view(input.shape)


class Tiling(NamedTuple):
    """How images are cut into tiles."""

    grid: tuple[int, int]
    tile: tuple[int, int]
    """Height and width of a tile."""

    margin: tuple[int, int]
    """Rows and columns that are added below and at the right, by reflection."""

    centred: bool
    """Whether pixels blend by their centres (Kornia), or by their upper left corners (OpenCV)."""

    @classmethod
    def of(cls, image: Tensor, grid: tuple[int, int]) -> "Tiling":
        """Return Kornia's tiles for floats, each axis on its own, and OpenCV's for bytes, both axes or none."""
        size = image.shape[-2:]
        rests = [-size[axis] % grid[axis] for axis in (0, 1)]
        if image.dtype is torch.uint8 and any(rests):
            rests = [grid[axis] - size[axis] % grid[axis] for axis in (0, 1)]
        tile = ((size[0] + rests[0]) // grid[0], (size[1] + rests[1]) // grid[1])
        return cls((grid[0], grid[1]), tile, (rests[0], rests[1]), image.dtype is not torch.uint8)

    def cut(self, images: Tensor) -> Tensor:
        """Cut images (B, H, W) into tiles (B, tiles, pixels)."""
        padded = pad(images, (0, self.margin[1], 0, self.margin[0]), "reflect")
        (rows, columns), (height, width) = self.grid, self.tile
        tiles = padded.reshape(-1, rows, height, columns, width).transpose(2, 3)
        return tiles.reshape(images.shape[0], rows * columns, height * width)


def level_tables(tiles: Tensor, clip_limit: float) -> Tensor:
    """Return the new level 0 to 255 of each level, whole numbers (B, tiles, 256), at least in float32."""
    pixels = tiles.shape[-1]
    counts = counts_of(levels_of(tiles))
    if clip_limit > 0:
        limit = max(int(clip_limit * pixels / LEVELS), 1)
        excess = (counts - limit).clamp(min=0).sum(-1, keepdim=True)
        counts = counts.clamp(max=limit) + excess // LEVELS + spread(excess % LEVELS)
    dtype = torch.promote_types(tiles.dtype, torch.float32)
    return (counts.cumsum(-1).to(dtype) * (255 / pixels)).round().clamp(0, 255)


def soft_tables(tiles: Tensor, clip_limit: float) -> Tensor:
    """Return the new level of each level by soft histograms, (B, tiles, 256), at least in float32."""
    pixels = tiles.shape[-1]
    scaled = tiles.to(torch.promote_types(tiles.dtype, torch.float32)) * 255
    nearest = scaled.detach().nan_to_num(0.0, 255.0, 0.0).clamp(0, 255).round()
    counts = scaled.new_zeros(*tiles.shape[:-1], LEVELS)
    for offset in range(-REACH, REACH + 1):
        level = nearest + offset
        weight = torch.exp(-0.5 * ((scaled - level) / (255 * BANDWIDTH)) ** 2)
        weight = torch.where((level >= 0) & (level < LEVELS), weight, 0)
        counts = counts.scatter_add(-1, level.clamp(0, 255).long(), weight)
    # The mean, so that the epsilon counts as it does in `histogram`.
    density = counts / pixels
    counts = density / (density.sum(-1, keepdim=True) + 1e-10) * pixels
    if clip_limit > 0:
        limit = max(int(clip_limit * pixels / LEVELS), 1)
        excess = (counts - limit).clamp(min=0).sum(-1, keepdim=True).detach()
        rest = excess.remainder(LEVELS)
        counts = counts.clamp(max=limit) + (excess - rest) / LEVELS + spread(rest)
    return (counts.cumsum(-1) * (255 / pixels)).clamp(0, 255)


def spread(rest: Tensor) -> Tensor:
    """Return ones for so many of the 256 levels, evenly spaced from the first one on."""
    step = (LEVELS // rest.clamp(min=1)).clamp(min=1)
    level = torch.arange(LEVELS, device=rest.device)
    return ((level % step == 0) & (level // step < rest)).to(rest.dtype)


def blend(tables: Tensor, levels: Tensor, tiling: Tiling) -> Tensor:
    """Look levels (B, H, W) up in the tables of the four tiles around each pixel, and interpolate."""
    (rows, columns), offset = tiling.grid, 0.5 if tiling.centred else 0.0
    above, below, down = _neighbours(levels.shape[-2], rows, tiling.tile[0], offset, tables)
    left, right, across = _neighbours(levels.shape[-1], columns, tiling.tile[1], offset, tables)
    flat, shape = tables.flatten(-2), levels.shape

    def look_up(row: Tensor, column: Tensor) -> Tensor:
        place = (row.unsqueeze(-1) * columns + column) * LEVELS + levels
        return flat.gather(-1, place.flatten(-2)).view(shape)

    down = down.unsqueeze(-1)
    upper = look_up(above, left) * (1 - across) + look_up(above, right) * across
    lower = look_up(below, left) * (1 - across) + look_up(below, right) * across
    return upper * (1 - down) + lower * down


def _neighbours(size: int, tiles: int, length: int, offset: float, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the tile before and the tile behind each pixel of an axis, and how far it is from the first."""
    pixels = torch.arange(size, device=like.device, dtype=like.dtype) + offset
    # The reciprocal rounded first, as OpenCV: in float32 its products decide how halves round.
    place = pixels * torch.full_like(pixels, length).reciprocal() - 0.5
    first = place.floor()
    index = first.long()
    return index.clamp(0, tiles - 1), (index + 1).clamp(0, tiles - 1), place - first
