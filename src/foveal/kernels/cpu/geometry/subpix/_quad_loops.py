# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of quadratic interpolation. Triples are in the order (scale, x, y)."""

import numpy as np

from foveal.geometry.subpix.quadratic_fit import SINGULAR
from foveal.kernels.cpu._compile import compile_kernel

f32 = np.float32
SINGULAR_DETERMINANT, LARGEST_GRADIENT = f32(SINGULAR), f32(1 / SINGULAR)


@compile_kernel
def fill_grid(start, stop, places):
    """Write the coordinates of the voxels of planes."""
    for index in range(start, stop):
        n, plane = index // places.shape[2], index % places.shape[2]
        places[n, 0, plane] = f32(plane)
        for i in range(places.shape[3]):
            x, y = places[n, 1, plane, i], places[n, 2, plane, i]
            for j in range(x.shape[0]):
                x[j] = f32(j)
            y[:] = f32(i)


@compile_kernel
def refine(start, stop, values, mask, candidates, shape, n_iters, limit, radius, scale_steps, places, peaks):
    """Move the coordinates of every candidate that settles to its extremum, and write the value there."""
    size = shape[0] * shape[1] * shape[2]
    for k in range(start, stop):
        index = candidates[k]
        found, moves, centre, fit, shift = _settle(values, mask, index, shape, n_iters, limit, radius, scale_steps)
        if found:
            _, unit, gradient, _, _ = fit
            place = index + index // size * 2 * size
            for axis in range(3):
                places[place + axis * size] += f32(moves[axis]) + shift[axis]
            rise = gradient[0] * shift[0] + gradient[1] * shift[1] + gradient[2] * shift[2]
            peaks[index] = values[centre] + f32(0.5) * unit * rise


@compile_kernel
def refine_adjoint(
    start,
    stop,
    values,
    mask,
    candidates,
    starts,
    shape,
    n_iters,
    limit,
    radius,
    scale_steps,
    of_places,
    of_peaks,
    result,
):
    """Add the gradient of what `refine` wrote to the gradient of volumes, which holds that of all the values.

    With H s = -g: d s = -H^-1 (d g + d H s), and d (g s / 2) = s d g + s d H s / 2.
    """
    plane, row = shape[1] * shape[2], shape[2]
    for k in range(starts[start], starts[stop]):
        index = candidates[k]
        found, _, centre, fit, shift = _settle(values, mask, index, shape, n_iters, limit, radius, scale_steps)
        if found:
            _, unit, _, cofactors, determinant = fit
            s, t, u = shift
            p, q, r = _solve(cofactors, determinant * unit, (of_places[k, 0], of_places[k, 1], of_places[k, 2]))
            peak = of_peaks[k]
            half = f32(0.5) * peak
            result[index] -= peak
            result[centre] += peak
            _add_second(result, centre, plane, p * s + half * s * s, f32(0.5) * (p + peak * s))
            _add_second(result, centre, 1, q * t + half * t * t, f32(0.5) * (q + peak * t))
            _add_second(result, centre, row, r * u + half * u * u, f32(0.5) * (r + peak * u))
            _add_mixed(result, centre, plane, 1, f32(0.25) * (p * t + q * s + peak * s * t))
            _add_mixed(result, centre, plane, row, f32(0.25) * (p * u + r * s + peak * s * u))
            _add_mixed(result, centre, 1, row, f32(0.25) * (q * u + r * t + peak * t * u))


@compile_kernel
def _add_second(result, i, stride, second, first):
    """Spread the gradients of a second and a first difference over their values."""
    result[i] -= f32(2) * second
    result[i + stride] += second + first
    result[i - stride] += second - first


@compile_kernel
def _add_mixed(result, i, one, other, mixed):
    result[i + one + other] += mixed
    result[i - one - other] += mixed
    result[i + one - other] -= mixed
    result[i - one + other] -= mixed


@compile_kernel
def _settle(values, mask, index, shape, n_iters, limit, radius, scale_steps):
    """Move a centre as long as its fit says so; return whether it settled, how it moved, where, and fit and shift."""
    depth, height, width = shape
    row, plane = width, height * width
    moves, centre = (0, 0, 0), index
    fit = _fit(values, centre, plane, row)
    shift = _solve(fit[3], fit[4], fit[2])
    for _ in range(n_iters):
        if not fit[0]:
            break
        step_z = _step(shift[0], limit) if scale_steps else 0
        step_x, step_y = _step(shift[1], limit), _step(shift[2], limit)
        if step_z == 0 and step_x == 0 and step_y == 0:
            return max(abs(shift[0]), abs(shift[1]), abs(shift[2])) <= f32(1.5), moves, centre, fit, shift
        moves = (moves[0] + step_z, moves[1] + step_x, moves[2] + step_y)
        centre += step_z * plane + step_y * row + step_x
        z, y, x = centre // plane % depth, centre // row % height, centre % row
        if z < 1 or z > depth - 2 or y < 1 or y > height - 2 or x < 1 or x > width - 2:
            break
        away = max(abs(moves[0]), abs(moves[1]), abs(moves[2]))
        if 0 <= radius < away and not _is_near(mask, centre, z, y, x, shape, radius):
            break
        fit = _fit(values, centre, plane, row)
        shift = _solve(fit[3], fit[4], fit[2])
    return False, moves, centre, fit, shift


@compile_kernel(inline="always")
def _step(shift, limit):
    return 1 if shift > limit else (-1 if shift < -limit else 0)


@compile_kernel
def _is_near(mask, centre, z, y, x, shape, radius):
    """Say whether there is a maximum within `radius` along every axis."""
    for k in range(max(-radius, -z), min(radius, shape[0] - 1 - z) + 1):
        for i in range(max(-radius, -y), min(radius, shape[1] - 1 - y) + 1):
            for j in range(max(-radius, -x), min(radius, shape[2] - 1 - x) + 1):
                if mask[centre + (k * shape[1] + i) * shape[2] + j]:
                    return True
    return False


@compile_kernel
def _solve(cofactors, determinant, right):
    """Return the solution of H s = -right."""
    ss, xx, yy, sx, sy, xy = cofactors
    a, b, c = right
    factor = f32(-1) / determinant
    return (
        (ss * a + sx * b + sy * c) * factor,
        (sx * a + xx * b + xy * c) * factor,
        (sy * a + xy * b + yy * c) * factor,
    )


@compile_kernel
def _fit(values, i, plane, row):
    """Return whether the fit is regular, the Hessian's unit, and in it gradient, cofactors and determinant."""
    back, front, before, after = values[i - plane], values[i + plane], values[i - 1], values[i + 1]
    above, below, twice = values[i - row], values[i + row], f32(2) * values[i]
    ss, xx, yy = front - twice + back, after - twice + before, below - twice + above
    sx = values[i + plane + 1] - values[i + plane - 1] - values[i - plane + 1] + values[i - plane - 1]
    sy = values[i + plane + row] - values[i + plane - row] - values[i - plane + row] + values[i - plane - row]
    xy = values[i + row + 1] - values[i - row + 1] - values[i + row - 1] + values[i - row - 1]
    sx, sy, xy = f32(0.25) * sx, f32(0.25) * sy, f32(0.25) * xy
    unit = max(max(abs(ss), abs(xx), abs(yy)), max(abs(sx), abs(sy), abs(xy)))
    unit = unit if unit > f32(0) else f32(1)
    inverse = f32(1) / unit
    half = f32(0.5) * inverse
    a, b, c = half * (front - back), half * (after - before), half * (below - above)
    ss, xx, yy, sx, sy, xy = ss * inverse, xx * inverse, yy * inverse, sx * inverse, sy * inverse, xy * inverse
    cofactors = (
        xx * yy - xy * xy,
        ss * yy - sy * sy,
        ss * xx - sx * sx,
        sy * xy - sx * yy,
        sx * xy - sy * xx,
        sx * sy - ss * xy,
    )
    determinant = ss * cofactors[0] + sx * cofactors[3] + sy * cofactors[4]
    regular = abs(determinant) > SINGULAR_DETERMINANT and max(abs(a), abs(b), abs(c)) < LARGEST_GRADIENT
    return regular, unit, (a, b, c), cofactors, determinant
