# SPDX-License-Identifier: Apache-2.0
"""The Gaussian fit of one peak in compiled loops: the formulas of `foveal.peaks.gaussian_fit`."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp
from foveal.peaks.gaussian_fit import DISC, HALF, OUTLIER, RIDGE, STEPS, STRIDE

f32 = np.float32
_EPS = f32(np.finfo(np.float32).eps)
_TINY = f32(np.finfo(np.float32).tiny)
_DISC, _HALF, _STRIDE, _RIDGE, _SHARPNESS = f32(DISC), f32(HALF), f32(STRIDE), f32(RIDGE), f32(1 / OUTLIER)
# The list of pixels ends on whole vectors; scalar remainders would take longer than the rest of a small disc.
LANES = 16


def scratch_size(window: int) -> int:
    """Return the number of columns of the scratch (4 rows) that a fit in this window needs."""
    return (window * window + LANES) // LANES * LANES


@compile_kernel(inline="always")
def clamp(value, limit):
    """Bring a value into [-limit, limit]; NaN stays."""
    value = limit if value > limit else value
    return -limit if value < -limit else value


@compile_kernel
def fit_gaussian(scores, row, column, reach, pixels):
    """Return the offset (dx, dy) of the fitted centre; `pixels` is scratch for x, y, height and weight of pixels."""
    peak = scores[row, column]
    if not (peak > f32(0) and np.isfinite(peak)):
        return f32(0), f32(0)
    scale = f32(1) / peak
    width = _half_radius(scores, row, column, reach, scale, pixels) / _HALF
    radius = min(max(int(np.rint(_DISC * width)), 2), reach)
    count = _gather(scores, row, column, radius, scale, pixels)
    x, y, log_amplitude, log_width = f32(0), f32(0), f32(0), np.log(width)
    for _ in range(STEPS):
        width = np.exp(log_width)
        step_x, step_y, step_amplitude, step_width = _gauss_newton(
            x, y, np.exp(log_amplitude), width, pixels[0, :count], pixels[1, :count], pixels[2, :count],
            pixels[3, :count],
        )  # fmt: skip
        x += step_x * width
        y += step_y * width
        log_amplitude += step_amplitude
        log_width += step_width
    limit = f32(radius) / f32(2)
    return clamp(x, limit), clamp(y, limit)


@compile_kernel
def _half_radius(scores, row, column, reach, scale, pixels):
    """Radius at which the mean over a ring falls to half of the centre."""
    height, width = scores.shape
    total, inside, radius, members = pixels[0], pixels[1], pixels[2], pixels[3]
    for ring in range(reach + 1):
        total[ring] = inside[ring] = radius[ring] = members[ring] = f32(0)
    # Rings are summed outwards, square by square, up to the first whose mean is below one half: most peaks are small.
    for side in range(reach + 1):
        for i in range(-side, side + 1):
            step = 1 if abs(i) == side else max(2 * side, 1)
            for j in range(-side, side + 1, step):
                distance = np.sqrt(f32(i * i + j * j))
                ring = int(np.rint(distance))
                if ring <= reach:
                    radius[ring] += distance
                    members[ring] += f32(1)
                    if 0 <= row + i < height and 0 <= column + j < width and np.isfinite(scores[row + i, column + j]):
                        inside[ring] += f32(1)
                        total[ring] += scores[row + i, column + j] * scale
        # Pixels of a ring lie in squares of up to its radius, so this ring is complete.
        mean = total[side] / max(inside[side], f32(1))
        if side > 0 and (mean < f32(0.5) or side == reach):
            high = total[side - 1] / max(inside[side - 1], f32(1))
            part = min(max((high - f32(0.5)) / max(high - mean, _EPS), f32(0)), f32(1))
            inner, outer = radius[side - 1] / members[side - 1], radius[side] / members[side]
            return inner + part * (outer - inner)
    return f32(0.5)


@compile_kernel
def _gather(scores, row, column, radius, scale, pixels):
    """List the pixels of the disc, filled up with weightless ones; return their number."""
    height, width = scores.shape
    count = 0
    for i in range(max(-radius, -row), min(radius, height - 1 - row) + 1):
        chord = int(np.sqrt(f32(radius * radius - i * i)))
        for j in range(max(-chord, -column), min(chord, width - 1 - column) + 1):
            score = scores[row + i, column + j]
            if np.isfinite(score):
                pixels[0, count], pixels[1, count] = f32(j), f32(i)
                pixels[2, count], pixels[3, count] = score * scale, f32(1)
                count += 1
    while count % LANES:
        pixels[:, count] = f32(0)
        count += 1
    return count


@compile_kernel
def _gauss_newton(x, y, amplitude, width, xs, ys, heights, weights):
    """Step of x and y in widths, and of the logarithms of amplitude and width."""
    sharpness, inverse = _SHARPNESS / amplitude, f32(1) / width
    m, mx, my, mr = f32(0), f32(0), f32(0), f32(0)
    mxx, mxy, myy, mxr, myr, mrr = f32(0), f32(0), f32(0), f32(0), f32(0), f32(0)
    g, gx, gy, gr = f32(0), f32(0), f32(0), f32(0)
    for k in range(xs.shape[0]):
        u, v = (xs[k] - x) * inverse, (ys[k] - y) * inverse
        r = u * u + v * v
        model = amplitude * exp(f32(-0.5) * r)
        residual = heights[k] - model
        outlier = residual * sharpness
        outlier = f32(1) / (f32(1) + outlier * outlier)
        weight = weights[k] * outlier * outlier * model
        pull, weight = weight * residual, weight * model
        g, gx, gy, gr = g + pull, gx + pull * u, gy + pull * v, gr + pull * r
        wu, wv, wr = weight * u, weight * v, weight * r
        m, mx, my, mr = m + weight, mx + wu, my + wv, mr + wr
        mxx, mxy, myy = mxx + wu * u, mxy + wu * v, myy + wv * v
        mxr, myr, mrr = mxr + wu * r, myr + wv * r, mrr + wr * r
    ridge = _RIDGE * (mxx + myy + m + mrr) + _TINY
    # Gaussian elimination; the matrix is symmetric and, with the ridge, positive definite.
    xx, xy, x1, xr, tx = mxx + ridge, mxy, mx, mxr, gx
    yy, y1, yr, ty = myy + ridge, my, myr, gy
    oo, orr, to = m + ridge, mr, g
    rr, tr = mrr + ridge, gr
    p, q, s = xy / xx, x1 / xx, xr / xx
    yy, y1, yr, ty = yy - p * xy, y1 - p * x1, yr - p * xr, ty - p * tx
    oo, orr, to = oo - q * x1, orr - q * xr, to - q * tx
    rr, tr = rr - s * xr, tr - s * tx
    p, q = y1 / yy, yr / yy
    oo, orr, to = oo - p * y1, orr - p * yr, to - p * ty
    rr, tr = rr - q * yr, tr - q * ty
    p = orr / oo
    rr, tr = rr - p * orr, tr - p * to
    step_width = tr / rr
    step_amplitude = (to - orr * step_width) / oo
    step_y = (ty - y1 * step_amplitude - yr * step_width) / yy
    step_x = (tx - xy * step_y - x1 * step_amplitude - xr * step_width) / xx
    return clamp(step_x, _STRIDE), clamp(step_y, _STRIDE), clamp(step_amplitude, _STRIDE), clamp(step_width, _STRIDE)
