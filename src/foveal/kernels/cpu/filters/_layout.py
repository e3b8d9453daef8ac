# SPDX-License-Identifier: Apache-2.0
"""Which rows of an image go into each row of the result, forward and backward, and gradients as loops take them."""

import functools
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._border import sources

Array = np.ndarray[Any, Any]


class Axis(NamedTuple):
    """What a filter of some taps does along one axis of some size.

    Row r of what a pass makes is the sum over e in range(starts[r], starts[r + 1]) of weight `taps[e]` times row
    `rows[e]` of what it is made of. Rows that follow each other in the surrounded image have numbers that do, `places`.
    A ring of `depth` rows, numbered by `slots`, holds all that go into one; these are `most` at most.
    """

    size: int
    """Of what is made."""
    reach: int
    """Pixels before the image that the result of a forward pass reaches."""
    starts: Array
    rows: Array
    taps: Array
    places: Array
    slots: Array
    depth: int
    most: int
    around: Array
    """Pixel of the image for each place of the surrounded one; -1 is none."""


@functools.lru_cache(maxsize=256)
def forward_axis(size: int, taps: int, border_type: str, padding: str) -> Axis:
    """Lay out the pass that makes the result from the image."""
    around, reach, count = _surroundings(size, taps, border_type, padding)
    places = np.arange(count)[:, None] + np.arange(taps)
    return _axis(count, reach, np.arange(count)[:, None] + 0 * places, around[places], places, around)


@functools.lru_cache(maxsize=256)
def adjoint_axis(size: int, taps: int, border_type: str, padding: str) -> Axis:
    """Lay out the pass that makes the gradient to the image from that to the result."""
    around, reach, count = _surroundings(size, taps, border_type, padding)
    results = np.arange(count)[:, None] + np.zeros(taps, np.int64)
    targets = around[results + np.arange(taps)]
    # A place behind the other end of a circular image: numbers then follow each other across it.
    places = targets + reach - np.arange(taps) if border_type == "circular" else results
    return _axis(size, reach, targets, results, places, around)


def _surroundings(size: int, taps: int, border_type: str, padding: str) -> tuple[Array, int, int]:
    if padding == "valid":
        return sources(size, 0, 0, border_type), 0, size - taps + 1
    reach = (taps - 1) // 2
    return sources(size, reach, taps // 2, border_type), reach, size


def _axis(size: int, reach: int, targets: Array, rows: Array, places: Array, around: Array) -> Axis:
    taps = np.broadcast_to(np.arange(targets.shape[1]), targets.shape)
    inside = ((targets >= 0) & (rows >= 0)).ravel()
    order = np.flatnonzero(inside)
    order = order[np.argsort(targets.ravel()[order], kind="stable")]
    counts = np.bincount(targets.ravel()[order], minlength=size)
    starts = np.concatenate([[0], np.cumsum(counts)])
    flat = [np.ascontiguousarray(a.ravel()[order], np.int64) for a in (rows, taps, places)]
    chosen = targets.ravel()[order]
    lowest, highest = np.full(size, np.iinfo(np.int64).max), np.full(size, np.iinfo(np.int64).min)
    np.minimum.at(lowest, chosen, flat[2])
    np.maximum.at(highest, chosen, flat[2])
    depth = int((highest[counts > 0] - lowest[counts > 0]).max(initial=0)) + 1
    most = int(counts.max(initial=1))
    slots = flat[2] % depth
    return Axis(size, reach, starts.astype(np.int64), *flat, slots, depth, most, around.astype(np.int64))


class Planes(NamedTuple):
    """Images as one flat array: pixel x of row y of plane p is pixels[p * plane_step + y * row_step + x]."""

    pixels: Array
    plane_step: int
    row_step: int


def planes(image: Tensor) -> Planes:
    """Return images (B, C, H, W) as planes; all of one and the same value, as the gradient of a sum, as one row."""
    height, width = image.shape[-2:]
    if image.is_floating_point() and not any(image.stride()):
        return Planes(np.full(width, as_array(image[(0,) * image.ndim])[()], np.float32), 0, 0)
    return Planes(as_array(image).reshape(-1), height * width, width)
