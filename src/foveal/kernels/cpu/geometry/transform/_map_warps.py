# SPDX-License-Identifier: Apache-2.0
"""Compiled loops that warp images by maps."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import SIDE, load_tile
from foveal.kernels.cpu.geometry.transform._warp_tiles import begin_extent, pad, tiles
from foveal.kernels.cpu.geometry.transform._warps import BLOCK, GROUP, call_ahead, flush, sample_tile


@compile_kernel
def warp_by_maps(start, stop, images, width, map_x, map_y, options, fills, streamed, rows, columns, results):
    """Warp by maps, groups of tile rows `start` to `stop` of all images, counted through."""
    groups = (rows + GROUP - 1) // GROUP
    height = images.shape[2] // width
    scratch = np.empty((results.shape[1], SIDE * BLOCK), results.dtype)
    for group in range(start, stop):
        index = group // groups
        top = (group - index * groups) * GROUP
        image, result, fill = images[index % images.shape[0]], results[index], fills[0]
        x, y = map_x[index % map_x.shape[0]], map_y[index % map_y.shape[0]]
        for begin in range(0, columns, BLOCK):
            end = min(begin + BLOCK, columns)
            for i in range(top, min(top + GROUP, rows), SIDE):
                i = min(i, rows - SIDE)
                if streamed:
                    _map_band(image, width, height, x, y, options, fill, i, begin, end, columns, scratch, 0, BLOCK)
                    flush(scratch, i, begin, end, columns, result)
                else:
                    first = i * columns + begin
                    _map_band(image, width, height, x, y, options, fill, i, begin, end, columns, result, first, columns)


@compile_kernel(**BARE)
def _map_band(image, width, height, map_x, map_y, options, fill, i, begin, end, columns, result, origin, stride):
    padding, align_corners, nearest = options
    for step in range(tiles(end - begin)):
        j = min(begin + step * SIDE, end - SIDE)
        k = i * columns + j
        x, y = load_tile(map_x, k, columns), load_tile(map_y, k, columns)
        ahead = k + 2 * SIDE * columns
        if ahead < map_x.shape[0]:
            call_ahead(image, width, height, np.float64(map_x[ahead]), np.float64(map_y[ahead]))
        x = pad(x, width, padding, align_corners, nearest)
        y = pad(y, height, padding, align_corners, nearest)
        start, fits_x = begin_extent(x, width)
        first, fits_y = begin_extent(y, height)
        fits, place = fits_x & fits_y, origin + j - begin
        sample_tile(image, width, height, fits, start, first, x, y, padding, fill, result, place, stride)
