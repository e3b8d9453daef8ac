# SPDX-License-Identifier: Apache-2.0
"""The structural similarity by SciPy: an oracle for its tests."""

from typing import Any

import numpy as np
import scipy.ndimage
import torch
from torch import Tensor


def gaussian_means(maps: Any, window_size: int, sigma: float, mode: str) -> Any:
    """Blur an array (B, C, *sizes)."""
    offsets = np.arange(window_size) - window_size // 2
    taps = np.exp(-(offsets**2) / (2 * sigma**2))
    for axis in range(2, maps.ndim):
        maps = scipy.ndimage.correlate1d(maps, taps / taps.sum(), axis=axis, mode=mode)
    return maps


def terms(first: Any, second: Any, window_size: int, sigma: float, mode: str, floors: Any) -> Any:
    """Return numerators and denominators of the luminance term and of the contrast and structure term."""
    mean1, mean2 = (gaussian_means(x, window_size, sigma, mode) for x in (first, second))
    variances = gaussian_means(first**2 + second**2, window_size, sigma, mode) - mean1**2 - mean2**2
    covariance = gaussian_means(first * second, window_size, sigma, mode) - mean1 * mean2
    luminance = 2 * mean1 * mean2 + floors[0], mean1**2 + mean2**2 + floors[0]
    return luminance, (2 * covariance + floors[1], variances + floors[1])


def similarity(
    img1: Tensor, img2: Tensor, window_size: int, max_val: float = 1.0, eps: float = 1e-12, padding: str = "same"
) -> Tensor:
    """Return the map of the SSIM."""
    floors = (0.01 * max_val) ** 2, (0.03 * max_val) ** 2
    luminance, structure = terms(img1.numpy(), img2.numpy(), window_size, 1.5, "mirror", floors)
    index = torch.from_numpy(luminance[0] * structure[0] / (luminance[1] * structure[1] + eps))
    margin = window_size // 2 if padding == "valid" else 0
    return index[(..., *(slice(margin, size - margin) for size in img1.shape[2:]))]
