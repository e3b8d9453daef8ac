# SPDX-License-Identifier: Apache-2.0
"""Tables of upright crops, and the arithmetic of their weights.

Per crop there are two short tables, for its columns and its rows: which two pixels each one mixes, by which weights,
and how the weights change with the position. No grid of positions is ever stored.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import prefetch, select

f32 = np.float32
u32 = np.uint32

# How the columns of a crop lie in a row of the image: anywhere; each beside the next, so that slices take the place of
# gathers; and on pixels, so that nothing is mixed.
SCATTERED, ADJACENT, COPIED = 0, 1, 2

# Up to this many columns of the image for each of the crop, mixing whole rows (in vectors) beats mixing single pixels.
SPARSE = 4


# Rows of a crop lie a whole row of the image apart, often on pages of their own: they are called for this far ahead.
AHEAD = 6
LINE = 16


# Positions are computed as the reference does, bit for bit: which pixels are mixed must not depend on the path.
@compile_kernel(fastmath=False)
def _to_pixels(coordinate, pixels, align_corners):
    extent = pixels - 1 if align_corners else pixels
    scaled = (coordinate + f32(1)) * f32(extent / 2)
    nearest = f32(np.rint(scaled))
    resolution = f32(2 * pixels) * f32(np.finfo(np.float32).eps)
    return nearest if abs(nearest - scaled) <= resolution else scaled


@compile_kernel(fastmath=False)
def _place(first, last, count, pixels, normalized, edges):
    """Return position and distance of a crop's columns (rows)."""
    if normalized:
        first, last = _to_pixels(first, pixels, not edges), _to_pixels(last, pixels, not edges)
    if edges:
        step = (last - first) / f32(max(count, 1))
        return first + (step - f32(1)) * f32(0.5), step
    step = (last - first) / f32(max(count - 1, 1))
    return (first if count > 1 else first + step * f32(0.5)), step


@compile_kernel(fastmath=False)
def _pad(position, pixels, padding, align_corners):
    """Move a position as `"border"` (1) or `"reflection"` (2) asks; also return the derivative of that."""
    last = f32(pixels - 1)
    slope = f32(1)
    if padding == 2:
        if align_corners and pixels == 1:
            return position * f32(0), f32(0)
        origin = f32(0) if align_corners else f32(-0.5)
        span = last if align_corners else f32(pixels)
        distance = position - origin
        distance = distance - f32(np.floor(distance / (f32(2) * span))) * (f32(2) * span)
        # At the turning point itself the two sides cancel.
        slope = f32(1) if distance < span else (f32(-1) if distance > span else f32(0))
        position = origin + (span - abs(distance - span))
    if padding != 0:
        if position < f32(0):
            return f32(0), f32(0)
        if position > last:
            return last, f32(0)
    return position, slope


@compile_kernel(fastmath=False)
def _fill(place, pixels, padding, align_corners, nearest, index, table):
    """Fill the tables of one axis; `index` is low, high, and `table` weights of low, high, derivatives of low, high."""
    origin, step = place
    low_weight, high_weight, positions, slopes = table[0], table[1], table[2], table[3]
    for j in range(positions.shape[0]):
        positions[j], slopes[j] = origin + step * f32(j), f32(1)
    if padding != 0:
        for j in range(positions.shape[0]):
            positions[j], slopes[j] = _pad(positions[j], pixels, padding, align_corners)
    up, keep = (f32(0.5), f32(0)) if nearest else (f32(0), f32(1))
    lows, highs, last = index[0], index[1], f32(pixels - 1)
    # Behind the last pixel lies nothing, or, where positions were moved, that pixel once more.
    end = last if padding == 0 else last + f32(1)
    # Selections in place of branches: this runs twice per crop, and in vectors.
    for j in range(positions.shape[0]):
        position = positions[j]
        low = np.floor(position + up)
        fraction, slope = (position - low) * keep, slopes[j] * keep
        has_low, has_high = _is_within(low, last), _is_within(low + f32(1), end)
        low_weight[j] = select(has_low, f32(1) - fraction, f32(0))
        high_weight[j] = select(has_high, fraction, f32(0))
        positions[j] = select(has_low, -slope, f32(0))
        slopes[j] = select(has_high, slope, f32(0))
        lows[j], highs[j] = _clip(low, last), _clip(low + f32(1), last)
    scattered, apart, mixed = 0, 0, 0
    for j in range(positions.shape[0]):
        scattered += np.int32(lows[j] != lows[0] + u32(j))
        apart += np.int32(highs[j] != lows[j] + u32(1))
        mixed += np.int32(low_weight[j] != f32(1)) + np.int32(high_weight[j] != f32(0))
    if scattered == 0 and mixed == 0:
        return COPIED
    return ADJACENT if scattered + apart == 0 else SCATTERED


@compile_kernel(inline="always")
def _is_within(pixel, last):
    """Say whether there is this pixel; there is no pixel NaN."""
    return (pixel >= f32(0)) & (pixel <= last)


@compile_kernel(inline="always")
def _clip(pixel, last):
    pixel = select(pixel > f32(0), pixel, f32(0))
    return u32(np.int32(select(pixel < last, pixel, last)))


@compile_kernel
def tabulate(box, width, height, options, across, across_table, down, down_table):
    """Fill the tables of a crop and return how its columns lie."""
    normalized, edges, align_corners, padding, nearest = options
    place = _place(box[1], box[3], down.shape[1], height, normalized, edges)
    _fill(place, height, padding, align_corners, nearest, down, down_table)
    place = _place(box[0], box[2], across.shape[1], width, normalized, edges)
    return _fill(place, width, padding, align_corners, nearest, across, across_table)


@compile_kernel(inline="always")
def mix(value, weight):
    """Return value * weight, where a weight of zero gives zero even if the value is infinite or NaN."""
    return select(weight != f32(0), value * weight, f32(0))


@compile_kernel(inline="always")
def clean(value, weight):
    """Return the value, or zero for one that is infinite or NaN and has no weight."""
    return select(weight != f32(0) or abs(value) < f32(np.inf), value, f32(0))


@compile_kernel(**BARE)
def call_ahead(plane, down, i, stop, first, last):
    """Prefetch columns `first` to `last` of a row that a later row of the crop mixes."""
    row = plane[down[1, min(i + AHEAD, stop - 1)]]
    for column in range(first, last + LINE, LINE):
        prefetch(row, min(column, last))
