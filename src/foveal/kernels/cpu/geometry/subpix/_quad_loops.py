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
def refine(start, stop, volumes, mask, candidates, n_iters, limit, radius, scale_steps, places, peaks):
    """Write the extremum and its value for every candidate that settles."""
    for k in range(start, stop):
        n, z, y, x = _unravel(candidates[k], volumes.shape)
        volume = volumes[n]
        found, cz, cy, cx = _settle(volume, mask[n], z, y, x, n_iters, limit, radius, scale_steps)
        if found:
            _, unit, gradient, cofactors, determinant = _fit(volume, cz, cy, cx)
            shift = _solve(cofactors, determinant, gradient)
            places[n, 0, z, y, x] = f32(cz) + shift[0]
            places[n, 1, z, y, x] = f32(cx) + shift[1]
            places[n, 2, z, y, x] = f32(cy) + shift[2]
            rise = gradient[0] * shift[0] + gradient[1] * shift[1] + gradient[2] * shift[2]
            peaks[n, z, y, x] = volume[cz, cy, cx] + f32(0.5) * unit * rise


@compile_kernel
def refine_adjoint(
    start, stop, volumes, mask, candidates, starts, n_iters, limit, radius, scale_steps, of_places, of_peaks, result
):
    """Add the gradient of what `refine` wrote to the gradient of each volume, which holds that of all the values.

    With H s = -g: d s = -H^-1 (d g + d H s), and d (g s / 2) = s d g + s d H s / 2.
    """
    for n in range(start, stop):
        volume, total = volumes[n], result[n]
        for k in range(starts[n], starts[n + 1]):
            _, z, y, x = _unravel(candidates[k], volumes.shape)
            found, cz, cy, cx = _settle(volume, mask[n], z, y, x, n_iters, limit, radius, scale_steps)
            if found:
                _, unit, gradient, cofactors, determinant = _fit(volume, cz, cy, cx)
                s, t, u = _solve(cofactors, determinant, gradient)
                wanted = (of_places[k, 0], of_places[k, 1], of_places[k, 2])
                p, q, r = _solve(cofactors, determinant * unit, wanted)
                peak = of_peaks[k]
                half = f32(0.5) * peak
                total[z, y, x] -= peak
                total[cz, cy, cx] += peak
                _add_differences(
                    total[cz - 1 : cz + 2, cy - 1 : cy + 2, cx - 1 : cx + 2],
                    (f32(0.5) * (p + peak * s), f32(0.5) * (q + peak * t), f32(0.5) * (r + peak * u)),
                    (p * s + half * s * s, q * t + half * t * t, r * u + half * u * u),
                    (
                        f32(0.25) * (p * t + q * s + peak * s * t),
                        f32(0.25) * (p * u + r * s + peak * s * u),
                        f32(0.25) * (q * u + r * t + peak * t * u),
                    ),
                )


@compile_kernel(inline="always")
def _add_differences(cube, first, second, mixed):
    """Spread the gradients of the differences over the 3x3x3 values that they are made of."""
    s, x, y = first
    ss, xx, yy = second
    sx, sy, xy = mixed
    cube[1, 1, 1] -= f32(2) * (ss + xx + yy)
    cube[2, 1, 1] += ss + s
    cube[0, 1, 1] += ss - s
    cube[1, 1, 2] += xx + x
    cube[1, 1, 0] += xx - x
    cube[1, 2, 1] += yy + y
    cube[1, 0, 1] += yy - y
    cube[2, 1, 2] += sx
    cube[0, 1, 0] += sx
    cube[2, 1, 0] -= sx
    cube[0, 1, 2] -= sx
    cube[2, 2, 1] += sy
    cube[0, 0, 1] += sy
    cube[2, 0, 1] -= sy
    cube[0, 2, 1] -= sy
    cube[1, 2, 2] += xy
    cube[1, 0, 0] += xy
    cube[1, 0, 2] -= xy
    cube[1, 2, 0] -= xy


@compile_kernel
def _unravel(index, shape):
    row, x = index // shape[3], index % shape[3]
    plane, y = row // shape[2], row % shape[2]
    return plane // shape[1], plane % shape[1], y, x


@compile_kernel
def _settle(volume, mask, z, y, x, n_iters, limit, radius, scale_steps):
    """Move a centre, as long as its fit says so, and return whether it settled and where."""
    depth, height, width = volume.shape
    cz, cy, cx = z, y, x
    for _ in range(n_iters):
        if cz < 1 or cz > depth - 2 or cy < 1 or cy > height - 2 or cx < 1 or cx > width - 2:
            return False, cz, cy, cx
        away = max(abs(cz - z), abs(cy - y), abs(cx - x))
        if 0 <= radius < away and not _is_near(mask, cz, cy, cx, radius):
            return False, cz, cy, cx
        regular, _, gradient, cofactors, determinant = _fit(volume, cz, cy, cx)
        if not regular:
            return False, cz, cy, cx
        s, t, u = _solve(cofactors, determinant, gradient)
        step_z = _step(s, limit) if scale_steps else 0
        step_x, step_y = _step(t, limit), _step(u, limit)
        if step_z == 0 and step_x == 0 and step_y == 0:
            return max(abs(s), abs(t), abs(u)) <= f32(1.5), cz, cy, cx
        cz, cy, cx = cz + step_z, cy + step_y, cx + step_x
    return False, cz, cy, cx


@compile_kernel(inline="always")
def _step(shift, limit):
    return 1 if shift > limit else (-1 if shift < -limit else 0)


@compile_kernel
def _is_near(mask, cz, cy, cx, radius):
    """Say whether there is a maximum within `radius` along every axis."""
    for z in range(max(cz - radius, 0), min(cz + radius + 1, mask.shape[0])):
        for y in range(max(cy - radius, 0), min(cy + radius + 1, mask.shape[1])):
            for x in range(max(cx - radius, 0), min(cx + radius + 1, mask.shape[2])):
                if mask[z, y, x]:
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
def _fit(volume, z, y, x):
    """Return whether the fit is regular, the Hessian's unit, and in it gradient, cofactors and determinant."""
    cube = volume[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2]
    twice = f32(2) * cube[1, 1, 1]
    ss = cube[2, 1, 1] - twice + cube[0, 1, 1]
    xx = cube[1, 1, 2] - twice + cube[1, 1, 0]
    yy = cube[1, 2, 1] - twice + cube[1, 0, 1]
    sx = f32(0.25) * (cube[2, 1, 2] - cube[2, 1, 0] - cube[0, 1, 2] + cube[0, 1, 0])
    sy = f32(0.25) * (cube[2, 2, 1] - cube[2, 0, 1] - cube[0, 2, 1] + cube[0, 0, 1])
    xy = f32(0.25) * (cube[1, 2, 2] - cube[1, 0, 2] - cube[1, 2, 0] + cube[1, 0, 0])
    unit = max(max(abs(ss), abs(xx), abs(yy)), max(abs(sx), abs(sy), abs(xy)))
    unit = unit if unit > f32(0) else f32(1)
    a = f32(0.5) * (cube[2, 1, 1] - cube[0, 1, 1]) / unit
    b = f32(0.5) * (cube[1, 1, 2] - cube[1, 1, 0]) / unit
    c = f32(0.5) * (cube[1, 2, 1] - cube[1, 0, 1]) / unit
    ss, xx, yy, sx, sy, xy = ss / unit, xx / unit, yy / unit, sx / unit, sy / unit, xy / unit
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
