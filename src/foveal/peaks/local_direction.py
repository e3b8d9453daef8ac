# SPDX-License-Identifier: Apache-2.0
"""Refinement by a fixed step: from the largest pixel towards its larger neighbour, along each axis."""

import torch
from jaxtyping import Float, Integer
from torch import Tensor
from torch.nn import functional

from foveal._check import check_floating, check_positive, check_shape, check_tensor
from foveal._op import op
from foveal.peaks.crops import crop_centered_boxes


@op
def find_offsets_local_direction(
    centered_patches: Float[Tensor, "n 1 3 3"], delta: float = 0.25
) -> Float[Tensor, "n 2"]:
    """Return a step of fixed length along the sign of the gradient at the centre of each patch.

    Args:
        centered_patches: pixels around each peak, (n, 1, 3, 3).
        delta: length of the step along each axis in pixels.

    Returns:
        Offsets [dy, dx], (n, 2): -delta, 0 or delta each; 0 where the neighbours on both sides are equal.

    Raises:
        TypeError: `centered_patches` is not a floating-point tensor.
        ValueError: `centered_patches` has not the shape (n, 1, 3, 3), or `delta` is not positive.

    >>> patch = torch.tensor([[[[0.0, 1.0, 0.0], [1.0, 3.0, 2.0], [0.0, 1.0, 0.0]]]])
    >>> find_offsets_local_direction(patch, 0.25)
    tensor([[0.0000, 0.2500]])

    Source: Newell et al. 2016, "Stacked hourglass networks for human pose estimation", section 3.2.
    """
    check_floating(centered_patches, "centered_patches")
    check_shape(centered_patches, "centered_patches", "n", 1, 3, 3)
    check_positive(delta, "delta")
    row, column = centered_patches[:, 0, 1, :], centered_patches[:, 0, :, 1]
    gradient = torch.stack([column[:, 2] - column[:, 0], row[:, 2] - row[:, 0]], dim=-1)
    return delta * gradient.sign()


@op
def refine_peaks_local_direction(
    imgs: Float[Tensor, "samples channels height width"],
    peaks: Float[Tensor, "n 4"] | Integer[Tensor, "n 4"],
    delta: float = 0.25,
) -> Float[Tensor, "n 4"]:
    """Move each peak by a fixed step towards its larger neighbour along each axis.

    Args:
        imgs: maps, (samples, channels, height, width).
        peaks: subscripts [sample, row, column, channel], (n, 4).
        delta: length of the step along each axis in pixels.

    Returns:
        Moved peaks, (n, 4), in the dtype of `peaks` where it is floating-point, else of `imgs`. A peak stays on its
        row (column) where the row (column) before or after it lies outside the map.

    Raises:
        TypeError: `imgs` is not a floating-point tensor, or `peaks` is not a tensor.
        ValueError: an argument has the wrong shape, or `delta` is not positive.

    Convention: pixel centres are on integers. The step is piecewise constant, so gradients reach `peaks` alone.

    >>> maps = torch.tensor([[[[0.0, 1.0, 0.0], [1.0, 3.0, 2.0], [0.0, 1.0, 0.0]]]])
    >>> refine_peaks_local_direction(maps, torch.tensor([[0, 1, 1, 0]]))
    tensor([[0.0000, 1.0000, 1.2500, 0.0000]])

    Source: Newell et al. 2016, "Stacked hourglass networks for human pose estimation", section 3.2.
    """
    check_floating(imgs, "imgs")
    check_shape(imgs, "imgs", "samples", "channels", "height", "width")
    check_tensor(peaks, "peaks")
    check_shape(peaks, "peaks", "n", 4)
    patches = crop_centered_boxes.reference(imgs, peaks, 3)
    steps = find_offsets_local_direction.reference(patches, delta)
    # Zeros stand for the pixels outside, which would pull every peak of the border inwards.
    inside = [(peaks[:, axis] >= 1) & (peaks[:, axis] <= imgs.shape[axis + 1] - 2) for axis in (1, 2)]
    steps = torch.where(torch.stack(inside, dim=-1), steps, 0)
    peaks = peaks if peaks.is_floating_point() else peaks.to(imgs.dtype)
    return peaks + functional.pad(steps, (1, 1)).to(peaks.dtype)
