# SPDX-License-Identifier: Apache-2.0
"""One peak per map: its largest pixel, refined."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.peaks.refinement import Refinement, check_maps, check_refinement, refine_peaks


@op
def find_global_peaks_rough(
    cms: Float[Tensor, "samples channels height width"], threshold: float = 0.1
) -> tuple[Float[Tensor, "samples channels 2"], Float[Tensor, "samples channels"]]:
    """Find the largest pixel of each map; of several equal ones, the first in raster order.

    Args:
        cms: maps, (samples, channels, height, width).
        threshold: least value of a peak.

    Returns:
        points: (x, y) of each peak, (samples, channels, 2), NaN where the map lies under the threshold; float32 at
            the least.
        values: its value, (samples, channels), 0 where the map lies under the threshold. Gradients flow to the pixel.

    Raises:
        TypeError: `cms` is not a floating-point tensor.
        ValueError: `cms` has not four dimensions, or its maps have no pixel.

    Convention: pixel centres are on integers. A map that holds NaN has a NaN point and value.

    >>> cms = torch.tensor([[[[0.0, 0.2, 0.0], [0.0, 0.7, 0.9]]]])
    >>> find_global_peaks_rough(cms)
    (tensor([[[2., 1.]]]), tensor([[0.9000]]))
    """
    return find_global_peaks.reference(cms, threshold)


@op
def find_global_peaks(
    cms: Float[Tensor, "samples channels height width"],
    threshold: float = 0.2,
    refinement: str | None = None,
    integral_patch_size: int = 5,
    *,
    window: int = 25,
) -> tuple[Float[Tensor, "samples channels 2"], Float[Tensor, "samples channels"]]:
    """Find the largest pixel of each map and refine it to a fraction of a pixel.

    Args:
        cms: maps, (samples, channels, height, width).
        threshold: least value of a peak.
        refinement: `None`, "integral" (biased, for parity with SLEAP), "local" (a quarter pixel towards the larger
            neighbour), "quadratic" (a parabola), "log_quadratic" (a parabola through the logarithm, exact for a
            Gaussian; the one to take for clean maps) or "gaussian" (a least-squares fit; for noisy maps).
        integral_patch_size: side of the window of "integral", odd.
        window: largest side of the window of "gaussian", odd; 5.2 standard deviations of the peak are enough.

    Returns:
        points: (x, y) of each peak, (samples, channels, 2), NaN where the map lies under the threshold; float32 at
            the least. Gradients flow to the pixels around the largest one.
        values: the largest pixel, (samples, channels), 0 where the map lies under the threshold.

    Raises:
        TypeError: `cms` is not a floating-point tensor.
        ValueError: `cms` has not four dimensions or no pixels, `refinement` is unknown, or a window is not odd.

    Convention: pixel centres are on integers.

    >>> cms = torch.exp(-(torch.arange(9.0) - 3.3).square() / 8).expand(1, 1, 9, 9)
    >>> find_global_peaks(cms, refinement="log_quadratic")[0]
    tensor([[[3.3000, 0.0000]]])

    Source: docs/peaks.md compares the refinements and names their papers.
    """
    check_floating(cms, "cms")
    check_shape(cms, "cms", "samples", "channels", "height", "width")
    check_maps(cms)
    check_refinement(how := Refinement(refinement, integral_patch_size, window))
    samples, channels, _, width = cms.shape
    values, places = cms.flatten(2).max(dim=-1)
    found = values >= threshold
    map_indices = torch.arange(samples * channels, device=cms.device)
    places = places.flatten()
    rows, columns = places // width, places % width
    points = refine_peaks(cms, map_indices, rows, columns, how).view(samples, channels, 2)
    values = torch.where(values < threshold, 0, values)
    return torch.where(found[..., None], points, torch.nan), values


@op
def find_global_peaks_integral(
    cms: Float[Tensor, "samples channels height width"], crop_size: int = 5, threshold: float = 0.2
) -> tuple[Float[Tensor, "samples channels 2"], Float[Tensor, "samples channels"]]:
    """Find the largest pixel of each map, refined by the mean over a window: biased, for parity with SLEAP.

    Args:
        cms: maps, (samples, channels, height, width).
        crop_size: side of the window, odd.
        threshold: least value of a peak.

    Returns:
        Points (samples, channels, 2) and values (samples, channels), as `find_global_peaks`.

    Raises:
        TypeError: `cms` is not a floating-point tensor.
        ValueError: `cms` has not four dimensions or no pixels, or `crop_size` is not odd.

    >>> cms = torch.exp(-(torch.arange(9.0) - 3.4).square() / 8).expand(1, 1, 9, 9)
    >>> find_global_peaks_integral(cms)[0]
    tensor([[[3.1658, 0.0000]]])
    """
    return find_global_peaks(cms, threshold, "integral", crop_size)


@op
def find_global_peaks_with_offsets(
    cms: Float[Tensor, "samples channels height width"],
    offsets: Float[Tensor, "samples channels_2 height width"],
    threshold: float = 0.2,
) -> tuple[Float[Tensor, "samples channels 2"], Float[Tensor, "samples channels"]]:
    """Find the largest pixel of each map and add the offset that was learned for it.

    Args:
        cms: maps, (samples, channels, height, width).
        offsets: maps of dx and dy in pixels, (samples, 2 * channels, height, width); those of channel c are 2 * c and
            2 * c + 1.
        threshold: least value of a peak.

    Returns:
        Points (samples, channels, 2) and values (samples, channels), as `find_global_peaks`. Gradients flow to the
        offsets.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: `cms` has not four dimensions or no pixels, or `offsets` does not fit it.

    >>> cms = torch.tensor([[[[0.0, 0.2, 0.0], [0.0, 0.7, 0.9]]]])
    >>> find_global_peaks_with_offsets(cms, torch.full((1, 2, 2, 3), 0.25))[0]
    tensor([[[2.2500, 1.2500]]])
    """
    check_offsets(cms, offsets)
    points, values = find_global_peaks(cms, threshold)
    samples, channels, height, width = cms.shape
    # A NaN point reads the first pixel, and stays NaN.
    column, row = points.detach().nan_to_num(0).long().unbind(dim=-1)
    places = (row * width + column)[:, :, None, None].expand(samples, channels, 2, 1)
    learned = offsets.view(samples, channels, 2, height * width).gather(-1, places).squeeze(-1)
    return points + learned, values


def check_offsets(cms: Tensor, offsets: Tensor) -> None:
    """Raise unless `offsets` are maps of dx and dy for every map of `cms`."""
    check_floating(cms, "cms")
    check_floating(offsets, "offsets")
    check_shape(cms, "cms", "samples", "channels", "height", "width")
    check_maps(cms)
    samples, channels, height, width = cms.shape
    check_shape(offsets, "offsets", samples, 2 * channels, height, width)
