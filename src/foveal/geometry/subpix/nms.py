# SPDX-License-Identifier: Apache-2.0
"""Non-maxima suppression: the strict local maxima of maps and volumes."""

from collections.abc import Sequence
from functools import reduce

import torch
from jaxtyping import Bool, Real
from torch import Tensor

from foveal._check import check_shape, check_size
from foveal._module import module
from foveal._op import op


@op
def nms2d(
    input: Real[Tensor, "batch channels height width"], kernel_size: tuple[int, int], mask_only: bool = False
) -> Real[Tensor, "batch channels height width"] | Bool[Tensor, "batch channels height width"]:
    """Keep the strict local maxima of each map.

    Args:
        input: responses, (B, C, H, W).
        kernel_size: height and width of the window in pixels. It spans (k - 1) // 2 pixels before its centre and
            k // 2 after it; where it does not fit into the map there is no maximum.
        mask_only: return where the maxima are.

    Returns:
        The responses at the maxima and zero elsewhere (which lies above a negative maximum), or a boolean mask,
        (B, C, H, W).

    Raises:
        TypeError: `input` is not a tensor, or `kernel_size` is not a tuple.
        ValueError: `input` has not four dimensions, or `kernel_size` is not two positive integers.

    Convention: a maximum exceeds every other value of its window, so that no pixel of a plateau is one, nor one with a
    NaN in its window.

    >>> response = torch.tensor([[[[0.0, 0.0, 0.0, 0.0], [0.0, 2.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]])
    >>> nms2d(response, (3, 3))
    tensor([[[[0., 0., 0., 0.],
              [0., 2., 0., 0.],
              [0., 0., 0., 0.]]]])

    Source: Neubeck and Van Gool 2006, "Efficient non-maximum suppression", section 1.
    """
    check_shape(input, "input", "B", "C", "H", "W")
    check_size(kernel_size, "kernel_size", 2)
    is_maximum = strict_extrema(input, kernel_size)
    return is_maximum if mask_only else torch.where(is_maximum, input, 0)


class NonMaximaSuppression2d(module(nms2d, inputs=("input", "mask_only"))): ...


@op
def nms3d(
    input: Real[Tensor, "batch channels depth height width"],
    kernel_size: tuple[int, int, int],
    mask_only: bool = False,
) -> Real[Tensor, "batch channels depth height width"] | Bool[Tensor, "batch channels depth height width"]:
    """Keep the strict local maxima of each volume.

    Args:
        input: responses, (B, C, D, H, W).
        kernel_size: depth, height and width of the window in voxels, as in `nms2d`.
        mask_only: return where the maxima are.

    Returns:
        The responses at the maxima and zero elsewhere (which lies above a negative maximum), or a boolean mask,
        (B, C, D, H, W).

    Raises:
        TypeError: `input` is not a tensor, or `kernel_size` is not a tuple.
        ValueError: `input` has not five dimensions, or `kernel_size` is not three positive integers.

    Convention: that of `nms2d`.

    >>> response = torch.zeros(1, 1, 3, 3, 3)
    >>> response[0, 0, 1, 1, 1] = 2
    >>> nms3d(response, (3, 3, 3), mask_only=True).nonzero()
    tensor([[0, 0, 1, 1, 1]])

    Source: Neubeck and Van Gool 2006, "Efficient non-maximum suppression", section 1.
    """
    check_shape(input, "input", "B", "C", "D", "H", "W")
    check_size(kernel_size, "kernel_size", 3)
    is_maximum = strict_extrema(input, kernel_size)
    return is_maximum if mask_only else torch.where(is_maximum, input, 0)


class NonMaximaSuppression3d(module(nms3d, inputs=("input", "mask_only"))): ...


@op
def nms3d_minmax(
    input: Real[Tensor, "batch channels depth height width"],
) -> tuple[Bool[Tensor, "batch channels depth height width"], Bool[Tensor, "batch channels depth height width"]]:
    """Find the voxels that exceed, and those that fall below, all their 26 neighbours.

    Args:
        input: responses, (B, C, D, H, W).

    Returns:
        The masks of maxima and of minima, (B, C, D, H, W) each.

    Raises:
        TypeError: `input` is not a tensor.
        ValueError: `input` has not five dimensions.

    Convention: that of `nms2d`; the voxels of the border have too few neighbours to be extrema.

    >>> response = torch.zeros(1, 1, 3, 3, 3)
    >>> response[0, 0, 1, 1, 1] = -2
    >>> [mask.any().item() for mask in nms3d_minmax(response)]
    [False, True]

    Source: Lowe 2004, "Distinctive image features from scale-invariant keypoints", section 3.1.
    """
    check_shape(input, "input", "B", "C", "D", "H", "W")
    window = (3, 3, 3)
    return strict_extrema(input, window), strict_extrema(input, window, minima=True)


def strict_extrema(values: Tensor, window: Sequence[int], *, minima: bool = False) -> Tensor:
    """Return the mask of values above (or below) every other value of their window over the last axes."""
    extreme, beyond = (torch.minimum, torch.lt) if minima else (torch.maximum, torch.gt)
    # A mask has no gradient. Nothing goes beyond what is put around the values, so that windows have to fit; the public
    # `pad` would round it to a float.
    values = torch.constant_pad_nd(values.detach(), padding_of(window), last_value(values, minima))
    is_extremum = torch.ones_like(values, dtype=torch.bool)
    # The window grows axis by axis; what each axis adds, on both sides of the part so far, is compared with the centre.
    centre = largest = values
    for axis, side in zip((-1, -2, -3), reversed(window), strict=False):
        count, before = values.shape[axis] - side + 1, (side - 1) // 2
        shifted = [largest.narrow(axis, start, count) for start in range(side)]
        added = [reduce(extreme, part) for part in (shifted[:before], shifted[before + 1 :]) if part]
        largest = reduce(extreme, [shifted[before], *added])
        centre = centre.narrow(axis, before, count)
        is_extremum = is_extremum.narrow(axis, before, count)
        for part in added:
            is_extremum = is_extremum & beyond(centre, part)
    return is_extremum


def padding_of(window: Sequence[int]) -> list[int]:
    """Return how far windows reach before and after their centres, the last axis first."""
    return [reach for side in reversed(window) for reach in ((side - 1) // 2, side // 2)]


def last_value(like: Tensor, least: bool) -> float:
    """Return the largest (or least) value of a dtype."""
    if like.is_floating_point():
        return -torch.inf if least else torch.inf
    limits = torch.iinfo(like.dtype)
    return limits.min if least else limits.max
