# SPDX-License-Identifier: Apache-2.0
"""Normalized cross-correlation of patches with windows of an image."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from foveal.apps.enlargement import enlarge
from foveal.filters.fft_conv import fast_length
from foveal.geometry.transform import crop_resample
from foveal.peaks import find_global_peaks


def normalized_cross_correlation(
    windows: Float[Tensor, "n height width"], patches: Float[Tensor, "n rows columns"]
) -> Float[Tensor, "n down across"]:
    """Return the correlation coefficient of each patch with its window at every place where it fits inside.

    Args:
        windows: where to search, (n, height, width).
        patches: what to search for, (n, rows, columns), no larger than the windows.

    Returns:
        Coefficients in [-1, 1], (n, height - rows + 1, width - columns + 1): element (i, j) has the patch's top-left
        pixel on pixel (i, j) of the window. Zero where patch or window is flat.

    >>> window = torch.rand(1, 8, 9)
    >>> normalized_cross_correlation(window, window[:, 2:5, 4:7])[0].argmax().item()  # row 2 and column 4 of 6 x 7
    18

    Source: Lewis 1995, "Fast normalized cross-correlation": products by FFT, local sums apart.
    """
    rows, columns = patches.shape[-2:]
    height, width = windows.shape[-2:]
    down, across = height - rows + 1, width - columns + 1
    # Coefficients do not change with the mean, and variances lose less to cancellation without it.
    raw_energy = patches.square().sum(dim=(-2, -1), keepdim=True)
    windows = windows - windows.mean(dim=(-2, -1), keepdim=True)
    patches = patches - patches.mean(dim=(-2, -1), keepdim=True)
    size = (fast_length(height), fast_length(width))
    spectrum = torch.fft.rfft2(windows, size) * torch.fft.rfft2(patches, size).conj()
    products = torch.fft.irfft2(spectrum, size)[:, :down, :across]
    mean, mean_square = local_mean(windows, rows, columns), local_mean(windows.square(), rows, columns)
    spread = (mean_square - mean.square()).clamp_min(0) * rows * columns
    energy = patches.square().sum(dim=(-2, -1), keepdim=True)
    # Rounding leaves a flat place some millionths of its window's own variance, and a flat patch as much of its mean.
    rounding = 100 * torch.finfo(windows.dtype).eps
    flat_place = spread <= rounding * rows * columns * windows.square().mean(dim=(-2, -1), keepdim=True)
    flat = flat_place | (energy <= rounding**2 * raw_energy)
    scale = torch.where(flat, 1, spread * energy).sqrt()
    return torch.where(flat, 0, products / scale).clamp(-1, 1)


def correlation_coefficient(
    first: Float[Tensor, "n rows columns"], second: Float[Tensor, "n rows columns"]
) -> Float[Tensor, " n"]:
    """Return the correlation coefficient of each pair of images; NaN where one of them is flat."""
    first = first - first.mean(dim=(-2, -1), keepdim=True)
    second = second - second.mean(dim=(-2, -1), keepdim=True)
    energies = first.square().sum(dim=(-2, -1)) * second.square().sum(dim=(-2, -1))
    return (first * second).sum(dim=(-2, -1)) / energies.sqrt()


def peak_between_pixels(
    image: Float[Tensor, "height width"],
    patches: Float[Tensor, "n side side"],
    start: Float[Tensor, "n 2"],
    *,
    step: float = 0.1,
    rounds: int = 2,
    factor: int = 4,
) -> Float[Tensor, "n 2"]:
    """Return where the correlation of each patch is highest when the image is resampled between its pixels.

    No refinement of a map with one sample per pixel is part of this: the patch is correlated with crops at steps of a
    fraction of a pixel. It is slow, and tells what the correlation itself has for its peak.

    Args:
        image: where to search, (height, width).
        patches: what to search for, (n, side, side).
        start: centres (x, y) in pixels to begin with, (n, 2).
        step: distance of neighbouring crops, in pixels.
        rounds: how many times the 5 x 5 crops around the last estimate are compared.
        factor: how many times the image is enlarged before.
    """
    side = patches.shape[-1]
    fine = enlarge(image, factor)[None, None]
    steps = torch.arange(-2, 3) * step
    for _ in range(rounds):
        coefficients: list[Tensor] = []
        # One of the 25 offsets at a time keeps the crops in the cache.
        for y in steps:
            for x in steps:
                centres = start + torch.stack([x, y])
                boxes = factor * torch.cat([centres - (side - 1) / 2, centres + (side - 1) / 2], dim=-1)
                crops = crop_resample(fine, boxes[None], (side, side), normalized=False, align_corners=True)
                coefficients.append(correlation_coefficient(crops[0, :, 0], patches))
        maps = torch.stack(coefficients, dim=-1).view(-1, 1, 5, 5)
        peaks, _ = find_global_peaks(maps, -1.0, "quadratic")
        start = start + (peaks[:, 0] - 2) * step
    return start


def local_mean(images: Float[Tensor, "n height width"], rows: int, columns: int) -> Float[Tensor, "n down across"]:
    """Return the mean over every box of rows x columns that lies inside the image."""
    return avg_pool2d(avg_pool2d(images[:, None], (rows, 1), stride=1), (1, columns), stride=1)[:, 0]
