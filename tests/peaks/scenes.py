# SPDX-License-Identifier: Apache-2.0
"""Maps with known peaks, and the refinements of one peak by other means."""

from typing import Any

import numpy as np
import torch
from scipy import ndimage
from scipy.optimize import least_squares
from torch import Tensor

Array = np.ndarray[Any, Any]


def gaussians(centres: Any, sigma: Any, height: int, width: int) -> Tensor:
    """Return a float64 map of a Gaussian of height 1 around each centre (x, y): (n, height, width)."""
    centres = torch.as_tensor(centres, dtype=torch.float64)
    sigma = torch.as_tensor(sigma, dtype=torch.float64).expand(len(centres))[:, None]
    x, y = torch.arange(width, dtype=torch.float64), torch.arange(height, dtype=torch.float64)
    along_x = torch.exp(-((x - centres[:, 0:1]) ** 2) / (2 * sigma**2))
    along_y = torch.exp(-((y - centres[:, 1:2]) ** 2) / (2 * sigma**2))
    return along_y[:, :, None] * along_x[:, None, :]


def refined(scores: Array, row: int, column: int, refinement: str | None, patch: int = 5) -> tuple[float, float]:
    """Return (x, y) of the peak at a pixel; the Gaussian refinements take the scene for one Gaussian nearby."""
    if refinement is None:
        return column, row
    if refinement == "integral":
        dx, dy = _mean(scores, row, column, patch // 2)
    elif refinement == "local":
        dx, dy = (0.25 * np.sign(d) for d in _slopes(scores, row, column))
    elif refinement == "quadratic":
        dx, dy = _parabola(scores, row, column)
    else:
        dx, dy = _gaussian(scores, row, column)
    return column + dx, row + dy


def _mean(scores: Array, row: int, column: int, reach: int) -> tuple[float, float]:
    height, width = scores.shape
    places = [
        (j, i, scores[row + i, column + j])
        for i in range(-reach, reach + 1)
        for j in range(-reach, reach + 1)
        if abs(i) <= min(row, height - 1 - row) and abs(j) <= min(column, width - 1 - column)
    ]
    x, y, weights = np.array(places).T
    return np.average(x, weights=weights), np.average(y, weights=weights)


def _slopes(scores: Array, row: int, column: int) -> tuple[float, float]:
    height, width = scores.shape
    dx = (scores[row, column + 1] - scores[row, column - 1]) / 2 if 0 < column < width - 1 else 0.0
    dy = (scores[row + 1, column] - scores[row - 1, column]) / 2 if 0 < row < height - 1 else 0.0
    return dx, dy


def _parabola(scores: Array, row: int, column: int) -> tuple[float, float]:
    height, width = scores.shape
    across, along = 0 < column < width - 1, 0 < row < height - 1
    hessian = np.eye(2)
    if across:
        hessian[0, 0] = -np.diff(scores[row, column - 1 : column + 2], 2)[0]
    if along:
        hessian[1, 1] = -np.diff(scores[row - 1 : row + 2, column], 2)[0]
    if across and along:
        corners = scores[row - 1 : row + 2 : 2, column - 1 : column + 2 : 2]
        hessian[0, 1] = hessian[1, 0] = -np.diff(np.diff(corners, axis=0), axis=1)[0, 0] / 4
    dx, dy = np.linalg.solve(hessian, _slopes(scores, row, column))
    return dx, dy


def _gaussian(scores: Array, row: int, column: int) -> tuple[float, float]:
    top, left = max(row - 3, 0), max(column - 3, 0)
    window = scores[top : row + 4, left : column + 4]
    y, x = np.mgrid[top : top + window.shape[0], left : left + window.shape[1]]

    def residuals(state: Array) -> Array:
        centre_x, centre_y, amplitude, sigma = state
        model = amplitude * np.exp(-((x - centre_x) ** 2 + (y - centre_y) ** 2) / (2 * sigma**2))
        return (model - window).ravel()

    fit = least_squares(residuals, [column, row, 1.0, 1.5], xtol=1e-15, ftol=1e-15, gtol=1e-15)
    return fit.x[0] - column, fit.x[1] - row


def regional_maxima(scores: Array, threshold: float) -> list[tuple[int, int]]:
    """Return (row, column) of the first pixel of each plateau that nothing around exceeds, in raster order."""
    around = ndimage.maximum_filter(scores, 3, mode="constant", cval=-np.inf)
    exceeded = np.where(scores < around, scores, -np.inf)
    # Pixels that are not exceeded and touch are equal; a plateau is whole, or goes on over pixels that are exceeded.
    plateaus, _ = ndimage.label(scores == around, structure=np.ones((3, 3)))
    climbing = plateaus[ndimage.maximum_filter(exceeded, 3, mode="constant", cval=-np.inf) == scores]
    numbers, first = np.unique(plateaus, return_index=True)
    kept = first[(numbers > 0) & ~np.isin(numbers, climbing)]
    return [divmod(int(place), scores.shape[1]) for place in np.sort(kept) if scores.flat[place] > threshold]
