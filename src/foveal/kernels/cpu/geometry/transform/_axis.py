# SPDX-License-Identifier: Apache-2.0
"""Linear operators along one axis, as tables of taps: resampling, blurs, the two one after another, and transposes.

Rows of a table are pixels of the result. What is the same for most of them, as where an axis is halved or doubled, is
found by looking at the table, so that loops can go without it there.
"""

from typing import Any, NamedTuple

import numpy as np

from foveal.kernels.cpu._border import sources

Array = np.ndarray[Any, Any]

# What the columns of a table have in common.
GENERAL, HALVED, DOUBLED = 0, 1, 2

# Columns of the result that are computed together, and pixels that one permutation chooses from.
GROUP, WINDOW = 16, 32

# More taps than these are not shared: loops read as far beyond both ends of a row.
SHARED = 32


class Axis(NamedTuple):
    """result[j] = sum of weights[j, k] * pixels[starts[j] + k] over k < counts[j]."""

    starts: Array
    counts: Array
    weights: Array
    size: int
    """Pixels that it reads."""


class Groups(NamedTuple):
    """The columns of a table by sixteen, each of which reads a window of 32 pixels; the last group ends with the row.

    result[c + i] = sum of weights[g, k, i] * pixels[begins[g] + places[g, k, i]] over k.
    """

    begins: Array
    places: Array
    weights: Array


class Plan(NamedTuple):
    """A table for loops, in float32, with the columns that share their taps.

    `HALVED`: column j of `first` to `last` (left out) begins at 2 * j + `shift`; every second of its taps, from the
    first one on, is in `even`, the others are in `odd`.
    `DOUBLED`: column 2 * j begins at j + `shift` and has the taps `even`, column 2 * j + 1 at j + `odd_shift` and has
    the taps `odd`; `first` and `last` count such pairs.
    """

    starts: Array
    counts: Array
    weights: Array
    kind: int
    first: int
    last: int
    shift: int
    odd_shift: int
    even: Array
    odd: Array
    groups: Groups | None
    """`None` where sixteen columns see more than a window, or some see nothing."""


def from_taps(places: Array, weights: Array, size: int) -> Axis:
    """Return the table with so many taps (rows, taps) anywhere; a place of -1 is none, equal places add up."""
    rows = np.arange(places.shape[0])[:, None]
    weights = np.where(places < 0, 0.0, weights)
    used = weights != 0
    starts = np.where(used, places, size - 1).min(axis=1)
    span = int((np.where(used, places, 0) - starts[:, None]).max()) + 1
    table = np.zeros((places.shape[0], max(span, 1)))
    offsets = np.where(used, places - starts[:, None], 0)
    np.add.at(table, (np.broadcast_to(rows, offsets.shape), offsets), weights)
    counts = np.where(table != 0, np.arange(1, table.shape[1] + 1), 0).max(axis=1)
    return Axis(starts, counts, table, size)


def interpolation(size: int, count: int, mode: str, align_corners: bool) -> Axis:
    """Return the table by which `torch.nn.functional.interpolate` resamples an axis on `count` pixels."""
    steps = np.arange(count)
    if mode == "area":
        starts, stops = steps * size // count, -((steps + 1) * size // -count)
        places = starts[:, None] + np.arange((stops - starts).max())
        inside = places < stops[:, None]
        return from_taps(np.where(inside, places, -1), inside / (stops - starts)[:, None], size)
    if mode in ("nearest", "nearest-exact"):
        # In float32, as PyTorch rounds.
        shift = np.float32(0.5 if mode == "nearest-exact" else 0.0)
        places = np.floor((steps.astype(np.float32) + shift) * (np.float32(size) / np.float32(count))).astype(int)
        return from_taps(places.clip(0, size - 1)[:, None], np.ones((count, 1)), size)
    position = steps * ((size - 1) / max(count - 1, 1)) if align_corners else (steps + 0.5) * (size / count) - 0.5
    if mode == "bilinear":
        position = position.clip(0, size - 1)
        low = np.floor(position)
        fraction = position - low
        taps, weights = np.arange(2), np.stack([1 - fraction, fraction], axis=1)
    else:
        low = np.floor(position)
        taps, weights = np.arange(-1, 3), _cubic(position - low)
    places = (low[:, None] + taps).astype(int).clip(0, size - 1)
    return from_taps(places, weights, size)


def _cubic(fraction: Array) -> Array:
    """Return the four weights of Keys' cubic convolution with a = -3/4."""
    a, t, u = -0.75, fraction, 1 - fraction
    near, far = (((a + 2) * x - (a + 3)) * x * x + 1 for x in (t, u))
    outer = [((a * x - 5 * a) * x + 8 * a) * x - 4 * a for x in (t + 1, u + 1)]
    return np.stack([outer[0], near, far, outer[1]], axis=1)


def blur(size: int, taps: Array, border_type: str) -> Axis:
    """Return the table of a correlation with an odd number of taps."""
    radius = len(taps) // 2
    surrounded = sources(size, radius, radius, border_type)
    places = np.lib.stride_tricks.sliding_window_view(surrounded, len(taps)).astype(int)
    return from_taps(places, np.broadcast_to(taps, places.shape), size)


def compose(second: Axis, first: Axis) -> Axis:
    """Return the table of one operator after another."""
    inner = (second.starts[:, None] + np.arange(second.weights.shape[1])).clip(0, second.size - 1)
    places = first.starts[inner][..., None] + np.arange(first.weights.shape[1])
    weights = second.weights[..., None] * first.weights[inner]
    rows = second.starts.shape[0]
    return from_taps(places.reshape(rows, -1).clip(0, first.size - 1), weights.reshape(rows, -1), first.size)


def transpose(axis: Axis) -> Axis:
    """Return the table of the transposed operator: the adjoint."""
    rows, taps = axis.weights.shape
    used = (axis.weights != 0).ravel()
    to = (axis.starts[:, None] + np.arange(taps)).ravel()[used]
    by = np.repeat(np.arange(rows), taps)[used]
    starts, stops = np.full(axis.size, rows - 1), np.zeros(axis.size, int)
    np.minimum.at(starts, to, by)
    np.maximum.at(stops, to, by + 1)
    counts = (stops - starts).clip(0)
    weights = np.zeros((axis.size, max(int(counts.max()), 1)))
    weights[to, by - starts[to]] = axis.weights.ravel()[used]
    return Axis(starts, counts, weights, rows)


def plan(axis: Axis) -> Plan:
    """Look for what the columns have in common."""
    starts, counts = axis.starts.astype(np.int64), axis.counts.astype(np.int64)
    weights = np.ascontiguousarray(axis.weights, np.float32)
    columns = len(starts)
    groups = _group(starts, counts, weights)

    def tables(step: int, begin: int, up: int) -> tuple[int, int, int, Array]:
        """Return the run of columns begin, begin + up, ... that share taps which move by `step`."""
        chosen = slice(begin, begin + columns // up * up, up)
        moved = starts[chosen] - step * np.arange(columns // up)
        middle = len(moved) // 2
        same = (moved == moved[middle]) & (counts[chosen] == counts[chosen][middle])
        same &= (weights[chosen] == weights[chosen][middle]).all(axis=1)
        others = np.flatnonzero(~same)
        first = int(others[others < middle].max(initial=-1)) + 1
        last = int(others[others > middle].min(initial=len(moved)))
        return first, last, int(moved[middle]), weights[chosen][middle, : counts[chosen][middle]].copy()

    none = np.zeros(0, np.float32)
    if columns >= 2 and weights.shape[1] <= SHARED:
        first, last, shift, taps = tables(2, 0, 1)
        if 2 * (last - first) > columns:
            apart = (taps[::2].copy(), taps[1::2].copy())
            return Plan(starts, counts, weights, HALVED, first, last, shift, 0, *apart, groups)
        first, last, shift, even = tables(1, 0, 2)
        first_odd, last_odd, odd_shift, odd = tables(1, 1, 2)
        first, last = max(first, first_odd), min(last, last_odd)
        if 4 * (last - first) > columns:
            return Plan(starts, counts, weights, DOUBLED, first, last, shift, odd_shift, even, odd, groups)
    return Plan(starts, counts, weights, GENERAL, 0, 0, 0, 0, none, none, groups)


def _group(starts: Array, counts: Array, weights: Array) -> Groups | None:
    """Put the columns of a table together by sixteen, where they see little enough."""
    columns = len(starts)
    if columns < GROUP or counts.min() < 1:
        return None
    taps = int(counts.max())
    first = np.minimum(np.arange(0, columns, GROUP), columns - GROUP)
    members = first[:, None] + np.arange(GROUP)
    begins = starts[members].min(axis=1)
    if ((starts + counts)[members].max(axis=1) - begins).max() > WINDOW:
        return None
    # A column of fewer taps takes its last one in equal parts: a weight of zero would make NaN of an infinite pixel.
    tap, last = np.arange(taps)[:, None], counts[members][:, None] - 1
    nearest = np.minimum(tap, last)
    shares = np.where(tap < last, 1, taps - last)
    places = (starts[members] - begins[:, None])[:, None] + nearest
    chosen = weights[members[:, None], nearest] / shares
    return Groups(begins, places.astype(np.int32), chosen.astype(np.float32))
