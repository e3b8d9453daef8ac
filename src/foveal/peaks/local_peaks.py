# SPDX-License-Identifier: Apache-2.0
"""Every peak of each map: its local maxima, refined."""

from typing import Any

import torch
from jaxtyping import Float, Int32
from torch import Tensor
from torch.nn.functional import max_pool2d, pad

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.peaks.global_peaks import check_offsets
from foveal.peaks.refinement import Refinement, check_maps, check_refinement, refine_peaks

# Steps from pixel to equal pixel by which a plateau is searched for its first pixel, or a way up.
PLATEAU = 4

Peaks = tuple[Float[Tensor, "*peaks 2"], Float[Tensor, " *peaks"], Int32[Tensor, " *peaks"], Int32[Tensor, " *peaks"]]


@op
def find_local_peaks_rough(cms: Float[Tensor, "samples channels height width"], threshold: float = 0.2) -> Peaks:
    """Find the local maxima of each map: the pixels that none of their eight neighbours exceeds.

    Neighbours that are equal make a plateau, which gives one peak, its first pixel in raster order, or none where
    the map goes up from its rim; see `find_local_peaks`.

    Args:
        cms: maps, (samples, channels, height, width).
        threshold: peaks are the pixels above it.

    Returns:
        points: (x, y) of each peak, (n, 2), float32 at the least; in the order of sample, row, column, channel.
        values: its value, (n,). Gradients flow to the pixel.
        sample_inds: the sample it was found in, (n,), int32.
        channel_inds: the channel, (n,), int32.

    Raises:
        TypeError: `cms` is not a floating-point tensor.
        ValueError: `cms` has not four dimensions.

    Convention: pixel centres are on integers.

    >>> cms = torch.tensor([[[[0.0, 0.5, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.9, 0.9]]]])
    >>> find_local_peaks_rough(cms)[:2]
    (tensor([[1., 0.],
            [3., 1.]]), tensor([0.5000, 0.9000]))
    """
    return find_local_peaks.reference(cms, threshold)


@op
def find_local_peaks(
    cms: Float[Tensor, "samples channels height width"],
    threshold: float = 0.2,
    refinement: str | None = None,
    integral_patch_size: int = 5,
    *,
    max_peaks: int | None = None,
    window: int = 25,
) -> Peaks:
    """Find the local maxima of each map and refine them to a fraction of a pixel.

    A plateau of equal pixels gives exactly one peak where each of its pixels is at most four steps, from equal pixel
    to equal pixel, away from one that comes before it in raster order: pairs, lines, rectangles, discs up to some
    twenty pixels across, and whatever fits into 3x3.

    Args:
        cms: maps, (samples, channels, height, width).
        threshold: peaks are the pixels above it.
        refinement: as in `find_global_peaks`.
        integral_patch_size: side of the window of "integral", odd.
        max_peaks: return that many places per map, the highest peaks first, in place of the list of all peaks; shapes
            then follow from the shape of `cms`.
        window: largest side of the window of "gaussian", odd.

    Returns:
        points, values, sample_inds and channel_inds as `find_local_peaks_rough`: (n, 2), (n,), (n,), (n,). With
        `max_peaks` (samples, channels, max_peaks, 2) and three times (samples, channels, max_peaks); empty places hold
        a NaN point, the value 0 and the indices -1. Gradients flow from points and values to the pixels around.

    Raises:
        TypeError: `cms` is not a floating-point tensor.
        ValueError: `cms` has not four dimensions, an option is unknown, a window not odd, `max_peaks` under 1.

    >>> cms = torch.exp(-(torch.arange(9.0) - 3.3).square() / 8).expand(1, 1, 9, 9)
    >>> find_local_peaks(cms, refinement="log_quadratic")[0]
    tensor([[3.3000, 0.0000]])
    """
    check_floating(cms, "cms")
    check_shape(cms, "cms", "samples", "channels", "height", "width")
    check_maps(cms)
    check_refinement(how := Refinement(refinement, integral_patch_size, window))
    check_max_peaks(max_peaks)
    if max_peaks is not None:
        return _padded(cms, threshold, max_peaks, how)
    sample, row, column, channel = local_maxima(cms, threshold).permute(0, 2, 3, 1).nonzero().unbind(dim=-1)
    points = refine_peaks(cms, sample * cms.shape[1] + channel, row, column, how)
    return points, cms[sample, channel, row, column], sample.int(), channel.int()


def _padded(cms: Tensor, threshold: float, max_peaks: int, refinement: Refinement) -> Peaks:
    """Return the `max_peaks` highest peaks of each map, with empty places behind."""
    samples, channels, height, width = cms.shape
    heights = torch.where(local_maxima(cms, threshold), cms.detach(), -torch.inf).flatten(2)
    heights = pad(heights, (0, max(0, max_peaks - height * width)), value=-torch.inf)
    # Stable, so that of equal peaks the first in raster order comes first.
    heights, places = heights.sort(dim=-1, descending=True, stable=True)
    found = heights[..., :max_peaks] > -torch.inf
    places = torch.where(found, places[..., :max_peaks], 0).flatten()
    maps = torch.arange(samples * channels, device=cms.device)[:, None].expand(-1, max_peaks).flatten()
    rows, columns = places // width, places % width
    points = refine_peaks(cms, maps, rows, columns, refinement).view(samples, channels, max_peaks, 2)
    values = cms.flatten(0, 1)[maps, rows, columns].view(samples, channels, max_peaks)
    sample, channel = (index.view(samples, channels, max_peaks) for index in (maps // channels, maps % channels))
    return (
        torch.where(found[..., None], points, torch.nan),
        torch.where(found, values, 0),
        torch.where(found, sample, -1).int(),
        torch.where(found, channel, -1).int(),
    )


def local_maxima(cms: Tensor, threshold: float) -> Tensor:
    """Mark the first pixel of each local maximum above the threshold, (samples, channels, height, width)."""
    maps = cms.detach().flatten(0, 1)[:, None]
    height, width = maps.shape[2:]
    level = maps == _largest_around(maps)
    # A pixel that equals one beside it which is exceeded lies on a way up, and so does all of its plateau.
    climbs = _largest_around(torch.where(level, -torch.inf, maps)) >= maps
    # Earlier pixels get larger numbers, which spread over the plateau; float32 counts to 2^24.
    counts = torch.float32 if height * width <= 2**24 else torch.float64
    number = -torch.arange(height * width, device=maps.device, dtype=counts).view(height, width)
    spread = torch.where(level, torch.where(climbs, torch.inf, number), -torch.inf)
    for _ in range(PLATEAU):
        spread = torch.where(level, _largest_around(spread), -torch.inf)
    return (level & (spread == number) & (maps > threshold)).view(cms.shape)


def _largest_around(maps: Tensor) -> Tensor:
    """Return the largest of each pixel and its neighbours."""
    return max_pool2d(maps, kernel_size=3, stride=1, padding=1)


@op
def find_local_peaks_integral(
    cms: Float[Tensor, "samples channels height width"], crop_size: int = 5, threshold: float = 0.2
) -> Peaks:
    """Find the local maxima of each map, refined by the mean over a window: biased, for parity with SLEAP.

    Args:
        cms: maps, (samples, channels, height, width).
        crop_size: side of the window, odd.
        threshold: peaks are the pixels above it.

    Returns:
        points, values, sample_inds and channel_inds, as `find_local_peaks`.

    Raises:
        TypeError: `cms` is not a floating-point tensor.
        ValueError: `cms` has not four dimensions, or `crop_size` is not odd.

    >>> cms = torch.exp(-(torch.arange(9.0) - 3.4).square() / 8).expand(1, 1, 9, 9)
    >>> find_local_peaks_integral(cms)[0]
    tensor([[3.1658, 0.0000]])
    """
    return find_local_peaks(cms, threshold, "integral", crop_size)


@op
def find_local_peaks_with_offsets(
    cms: Float[Tensor, "samples channels height width"],
    offsets: Float[Tensor, "samples channels_2 height width"],
    threshold: float = 0.2,
) -> Peaks:
    """Find the local maxima of each map and add the offsets that were learned for them.

    Args:
        cms: maps, (samples, channels, height, width).
        offsets: maps of dx and dy in pixels, (samples, 2 * channels, height, width); those of channel c are 2 * c and
            2 * c + 1.
        threshold: peaks are the pixels above it.

    Returns:
        points, values, sample_inds and channel_inds, as `find_local_peaks`. Gradients flow to the offsets.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: `cms` has not four dimensions, or `offsets` does not fit it.

    >>> cms = torch.tensor([[[[0.0, 0.2, 0.0], [0.0, 0.7, 0.9]]]])
    >>> find_local_peaks_with_offsets(cms, torch.full((1, 2, 2, 3), 0.25))[0]
    tensor([[2.2500, 1.2500]])
    """
    check_offsets(cms, offsets)
    points, values, sample_inds, channel_inds = find_local_peaks(cms, threshold)
    column, row = points.long().unbind(dim=-1)
    learned = torch.stack([offsets[sample_inds, 2 * channel_inds + axis, row, column] for axis in (0, 1)], dim=-1)
    return points + learned, values, sample_inds, channel_inds


def check_max_peaks(value: Any) -> None:
    """Raise unless `value` is `None` or an integer of at least 1."""
    if value is not None and not isinstance(value, int):
        raise TypeError(f"max_peaks must be None or an integer of at least 1, got {type(value).__name__}")
    if value is not None and value < 1:
        raise ValueError(f"max_peaks must be None or an integer of at least 1, got {value}")
