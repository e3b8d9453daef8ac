# SPDX-License-Identifier: Apache-2.0
"""Warps on the CPU: what the kernels of affine, perspective and map warps share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform._sample import MODES, PADDINGS
from foveal.kernels.cpu._array import as_array, empty, is_streamed
from foveal.kernels.cpu._gather import SIDE
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._table import TABLE
from foveal.kernels.cpu.geometry.transform import _map_warps, _warp_adjoints, _warp_gather, _warp_scatter, _warps
from foveal.kernels.cpu.geometry.transform._homographies import normalize, scale_of
from foveal.kernels.cpu.geometry.transform._warp_tiles import FILL

Options = tuple[int, bool, bool]
Array = np.ndarray[Any, Any]

LARGEST = 1 << 31
"""Places in a plane are 32-bit integers."""

PIXELS = 1 << 16
"""Pixels of a part that, with four channels side by side, are a megabyte."""

PARTS = 4
"""Parts of which a batch has at the least, for threads to share out, where gradients go to images."""


def accepts_warp(image: Any, mode: Any, padding_mode: Any, align_corners: Any, paddings: tuple[str, ...]) -> bool:
    """Say whether the loops can sample these images in this way."""
    return (
        isinstance(image, Tensor)
        and image.dtype in (torch.float32, torch.uint8)
        and image.ndim == 4
        and 0 not in image.shape
        and image.shape[2] * image.shape[3] < LARGEST
        and mode in MODES
        and padding_mode in paddings
        and isinstance(align_corners, bool)
    )


def accepts_size(size: Any) -> bool:
    """Say whether these are rows and columns, none of them zero."""
    return (
        isinstance(size, tuple | list) and len(size) == 2 and all(isinstance(side, int) and side > 0 for side in size)
    )


def accepts_matrix(matrix: Any, image: Tensor, rows: int) -> bool:
    """Say whether these are float32 matrices, one for each image or one for all."""
    return (
        isinstance(matrix, Tensor)
        and matrix.dtype is torch.float32
        and matrix.ndim == 3
        and matrix.shape[0] in (1, image.shape[0])
        and matrix.shape[1:] == (rows, 3)
    )


def accepts_fill(fill: Any, image: Tensor) -> bool:
    """Say whether this is one number, or one for each channel, without a gradient."""
    return fill is None or (
        isinstance(fill, Tensor)
        and fill.dtype is torch.float32
        and not fill.requires_grad
        and (fill.shape in ((1,), (image.shape[1],)) or (fill.ndim in (3, 4) and _is_per_channel(fill, image)))
    )


def _is_per_channel(fill: Tensor, image: Tensor) -> bool:
    sizes = (*image.shape[:2], 1, 1)[-fill.ndim :]
    return all(side in (1, size) for side, size in zip(fill.shape, sizes, strict=True))


def as_options(mode: str, padding_mode: str, align_corners: bool) -> Options:
    """Lay options out for the loops."""
    padding = FILL if padding_mode == "fill" else PADDINGS.index(padding_mode)
    return padding, align_corners, mode == "nearest"


def planes(images: Tensor) -> Array:
    """Return images as (images, channels, pixels); of an expanded batch the one image, which must not be copied."""
    image = images[:1] if images.stride(0) == 0 else images
    return as_array(image).reshape(*image.shape[:2], -1)


def warp_by_matrices(
    images: Tensor, inverses: Array, size: tuple[int, int], options: Options, fill: Tensor | None = None
) -> Tensor:
    """Warp images by homographies (B, 9) from the result to the image."""
    homographies, affine = normalize(inverses)
    fills = _fills(fill, images)

    def run(result: Tensor) -> None:
        rows, columns = result.shape[2:]
        streamed = is_streamed(as_array(result))
        parallel_for(
            _warps.warp_by_matrices, len(result) * -(-rows // _warps.GROUP), planes(images), images.shape[3],
            homographies, affine, options, fills, streamed, rows, columns, planes(result),
            work=8 * result.numel(),
        )  # fmt: skip

    return _on_tiles(images, size, run)


def warp_by_maps(images: Tensor, maps: tuple[Tensor, Tensor], options: Options) -> Tensor:
    """Warp images by maps (B, h, w) or (1, h, w) in pixels."""
    rows, columns = maps[0].shape[1:]
    padded = [_at_least_a_tile(positions) for positions in maps]
    x, y = (as_array(positions).reshape(len(positions), -1) for positions in padded)

    def run(result: Tensor) -> None:
        rows, columns = result.shape[2:]
        parallel_for(
            _map_warps.warp_by_maps, len(result) * -(-rows // _warps.GROUP), planes(images), images.shape[3], x, y,
            options, _fills(None, images), is_streamed(as_array(result)), rows, columns, planes(result),
            work=8 * result.numel(),
        )  # fmt: skip

    return _on_tiles(images, (rows, columns), run)


def pull_back_by_matrices(
    images: Tensor, inverses: Array, options: Options, gradient: Tensor, needs: tuple[bool, ...]
) -> tuple[Tensor | None, Array | None]:
    """Return the gradients to images and to the homographies (B, 9) of `warp_by_matrices`."""
    homographies, affine = normalize(inverses)
    gradients, constant = _gradients(gradient)
    rows, columns = _sides(gradient)
    to_images, to_inverses = None, None
    if needs[0]:
        nothing = np.empty((0, 0), np.float32)
        to_images = _to_images(
            images, homographies, affine, (nothing, nothing), options, gradients, constant, (rows, columns)
        )
    if needs[1]:
        groups = -(-rows // (SIDE * _warp_adjoints.GROUP))
        sums = np.zeros((len(images) * groups, 9))
        if not options[2]:
            parallel_for(
                _warp_adjoints.warps_to_matrices, len(sums), planes(images), images.shape[3], homographies, affine,
                options, gradients, constant, rows, columns, sums, work=16 * images.numel(),
            )  # fmt: skip
        to_inverses = sums.reshape(len(images), groups, 9).sum(1)
        if len(inverses) < len(images):
            to_inverses = to_inverses.sum(0, keepdims=True)
        if affine:
            # The scale has none of it: homographies that differ in nothing else are the same.
            to_inverses /= scale_of(inverses)
    return to_images, to_inverses


def pull_back_by_maps(
    images: Tensor, maps: tuple[Tensor, Tensor], options: Options, gradient: Tensor, needs: tuple[bool, bool]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return the gradients to images and to maps in pixels."""
    count = len(maps[0])
    x, y = (as_array(_at_least_a_tile(positions)).reshape(count, -1) for positions in maps)
    gradients, constant = _gradients(gradient)
    rows, columns = _sides(gradient)
    to_images, to_x, to_y = None, None, None
    if needs[0]:
        nothing = np.empty((0, 9))
        to_images = _to_images(images, nothing, False, (x, y), options, gradients, constant, (rows, columns))
    if needs[1]:
        found = [empty(len(images), rows, columns) for _ in range(2)]
        if options[2]:
            found = [torch.zeros_like(positions) for positions in found]
        else:
            parallel_for(
                _warp_adjoints.warps_to_maps, len(images) * -(-rows // SIDE), planes(images), images.shape[3], x, y,
                options, gradients, constant, rows, columns, *(as_array(f).reshape(len(images), -1) for f in found),
                work=16 * images.numel(),
            )  # fmt: skip
        found = [positions[:, : gradient.shape[2], : gradient.shape[3]].contiguous() for positions in found]
        to_x, to_y = found if count == len(images) else [positions.sum(0, True) for positions in found]
    return to_images, to_x, to_y


def _to_images(
    images: Tensor, homographies: Array, affine: bool, maps: tuple[Array, Array], options: Options, gradients: Array,
    constant: bool, size: tuple[int, int],
) -> Tensor:  # fmt: skip
    result = empty(*images.shape)
    batch, height, width = images.shape[0], images.shape[2], images.shape[3]
    if _gather_to_images(result, homographies, affine, options, gradients, constant, size):
        return result
    parts = max(-(-PARTS // batch), -(-height * width // PIXELS))
    parts = max(1, min(parts, height // SIDE))
    by_matrices = len(homographies) > 0
    reached = _reached_by_matrices(homographies, size) if by_matrices else _warp_scatter.reach_by_maps(maps[1], *size)
    if options[0] == PADDINGS.index("border"):
        reached = reached.clip(0, height - 1)
    if options[0] == PADDINGS.index("reflection"):
        reached[...] = np.nan
    parallel_for(
        _warp_scatter.warps_to_images, batch * parts, parts, width, height, homographies, affine, *maps, reached,
        options, gradients, constant, *size, planes(result), work=16 * result.numel(),
    )  # fmt: skip
    return result


def _gather_to_images(
    result: Tensor, homographies: Array, affine: bool, options: Options, gradients: Array, constant: bool,
    size: tuple[int, int],
) -> bool:  # fmt: skip
    """Fill the gradient to images by a gather, and say whether one can."""
    height, width = result.shape[2:]
    if len(homographies) == 0 or options[0] != PADDINGS.index("zeros") or options[2] or min(height, width) < SIDE:
        return False
    inverses = np.empty_like(homographies)
    if min(size) < TABLE or not _warp_gather.invert_maps(homographies, affine, width, height, inverses):
        return False
    parallel_for(
        _warp_gather.gather_to_images, len(result) * -(-height // _warps.GROUP), width, height, homographies, inverses,
        affine, gradients, constant, *size, is_streamed(as_array(result)), planes(result), work=16 * result.numel(),
    )  # fmt: skip
    return True


def _reached_by_matrices(homographies: Array, size: tuple[int, int]) -> Array:
    """Return the least and the greatest row of an image in every block of tiles, NaN where it may be any."""
    rows = np.arange(-(-size[0] // SIDE) + 1.0)[:, None] * SIDE
    columns = np.arange(-(-size[1] // _warp_scatter.BLOCK) + 1.0) * _warp_scatter.BLOCK
    matrices = homographies[:, :, None, None]
    with np.errstate(all="ignore"):
        scale = matrices[:, 6] * columns + matrices[:, 7] * rows + matrices[:, 8]
        y = (matrices[:, 3] * columns + matrices[:, 4] * rows + matrices[:, 5]) / scale
        corners = [slice(None, -1), slice(1, None)]
        y = np.stack([y[:, a, b] for a in corners for b in corners])
        sign = np.stack([scale[:, a, b] > 0 for a in corners for b in corners])
        least, most = y.min(0), y.max(0)
    mixed = sign.any(0) != sign.all(0)
    return np.stack([np.where(mixed, np.nan, least), np.where(mixed, np.nan, most)], axis=-1)


def _sides(gradient: Tensor) -> tuple[int, int]:
    return max(gradient.shape[2], SIDE), max(gradient.shape[3], SIDE)


def _gradients(gradient: Tensor) -> tuple[Array, bool]:
    """Return a gradient as planes at least a tile large, or one tile of it where all its entries are one number."""
    if not any(gradient.stride()) and min(gradient.shape[2:]) >= SIDE:
        number = as_array(gradient[0, 0, 0, 0])[()]
        return np.full((1, gradient.shape[1], SIDE), number, np.float32), True
    missing = [max(SIDE - side, 0) for side in gradient.shape[2:]]
    padded = torch.nn.functional.pad(gradient, (0, missing[1], 0, missing[0])) if any(missing) else gradient
    return as_array(padded).reshape(*gradient.shape[:2], -1), False


def _on_tiles(images: Tensor, size: tuple[int, int], run: Callable[[Tensor], None]) -> Tensor:
    """Make a result and fill it; one that is smaller than a tile is cut out of one."""
    rows, columns = max(size[0], SIDE), max(size[1], SIDE)
    result = empty(*images.shape[:2], rows, columns, dtype=images.dtype)
    run(result)
    return result if result.shape[2:] == tuple(size) else result[..., : size[0], : size[1]].contiguous()


def _at_least_a_tile(positions: Tensor) -> Tensor:
    missing = [max(SIDE - side, 0) for side in positions.shape[1:]]
    if not any(missing):
        return positions
    return torch.nn.functional.pad(positions.detach(), (0, missing[1], 0, missing[0]))


def _fills(fill: Tensor | None, images: Tensor) -> Array:
    """Return the fill values, (B, C) or (1, C)."""
    if fill is None:
        return np.zeros((1, images.shape[1]), np.float32)
    values = fill.detach().reshape(1, -1) if fill.ndim == 1 else fill.detach()[..., 0, 0]
    return as_array(values.reshape(-1, values.shape[-1]).expand(-1, images.shape[1]))
