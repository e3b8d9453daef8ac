# SPDX-License-Identifier: Apache-2.0
"""Least-squares fit of a round Gaussian to a window: position, amplitude and width."""

import math

import torch
from torch import Tensor

# Gauss-Newton steps; the last ones, over which the gradient is carried, repeat the fixed point.
STEPS, TRACKED = 10, 4
# Half of the height of a Gaussian is this many standard deviations from its centre.
HALF = math.sqrt(2 * math.log(2))
# Radius of the disc that is fitted, in standard deviations: it holds 99 % of what the pixels say about the position.
DISC = 2.6
# A residual of this part of the amplitude is taken for a neighbour and weighs a quarter.
OUTLIER = 0.2
# Levenberg's damping, as a part of the trace of the normal matrix: what the pixels hardly determine hardly moves.
RIDGE = 1e-4
# Largest change in one step: of the position in standard deviations, of amplitude and width in their logarithm.
STRIDE = 0.5


def gaussian_offsets(values: Tensor, row_inside: Tensor, column_inside: Tensor) -> Tensor:
    """Return the offset (dx, dy) of the fitted centre from the window's, (n, 2).

    Each window chooses its disc by the radius at which the mean over a ring falls to half of the central pixel. Pixels
    that stand out of the model, such as those of a second peak, lose weight (Geman-McClure).

    Args:
        values: pixels, (n, side, side); a window whose central pixel is not positive gives no offset.
        row_inside: which of their rows lie inside the map, (n, side).
        column_inside: which of their columns do, (n, side).
    """
    side = values.shape[-1]
    reach = side // 2
    steps = torch.arange(-reach, reach + 1, device=values.device, dtype=values.dtype)
    distance = torch.hypot(steps[:, None], steps[None, :])
    # NaN and infinities have no weight.
    inside = row_inside[:, :, None] & column_inside[:, None, :] & values.isfinite()
    top = values[:, reach, reach].detach()
    positive = (top > 0) & top.isfinite()
    # In place of what cannot be fitted stands what fits at once, for a finite gradient.
    fitting = inside & positive[:, None, None]
    heights = torch.where(fitting, values, (-distance.square() / 2).exp())
    heights = heights / torch.where(positive, top, 1)[:, None, None]

    width = _half_radius(heights.detach(), inside, distance) / HALF
    # Whole pixels, for a disc that small changes of the map leave as it is.
    radius = (DISC * width).round().clamp(2, reach)
    disc = (inside & (distance <= radius[:, None, None])).to(values.dtype)

    zero = torch.zeros_like(width)
    state = torch.stack([zero, zero, zero, width.log()], dim=-1)
    for index in range(STEPS):
        target = heights if index >= STEPS - TRACKED else heights.detach()
        state = _gauss_newton(state, target, disc, steps)
    # Beyond half of the disc it is another peak that was fitted.
    limit = (radius / 2)[:, None]
    return torch.where(positive[:, None], torch.minimum(torch.maximum(state[:, :2], -limit), limit), 0)


def _half_radius(heights: Tensor, inside: Tensor, distance: Tensor) -> Tensor:
    """Return the radius at which the mean over a ring falls to half of the centre, (n,)."""
    rings = torch.arange(len(distance) // 2 + 1, device=distance.device)
    member = (distance.round() == rings[:, None, None]).to(distance.dtype).flatten(1)
    weights = inside.to(distance.dtype).flatten(1)
    mean = ((heights.flatten(1) * weights) @ member.mT) / (weights @ member.mT).clamp_min(1)
    radii = (member @ distance.flatten()) / member.sum(dim=-1)
    # Argmax finds the first ring below one half; the last one closes the search.
    below = (mean < 0.5) | (rings == rings[-1])
    outer = below.to(torch.int32).argmax(dim=-1, keepdim=True).clamp_min(1)
    high, low = mean.gather(-1, outer - 1), mean.gather(-1, outer)
    part = ((high - 0.5) / (high - low).clamp_min(torch.finfo(mean.dtype).eps)).clamp(0, 1)
    return torch.lerp(radii[outer - 1], radii[outer], part).squeeze(-1)


def _gauss_newton(state: Tensor, heights: Tensor, disc: Tensor, steps: Tensor) -> Tensor:
    """Move (x, y, log amplitude, log width) by one step; position in pixels, the window's centre at zero."""
    x, y, amplitude, width = state[:, 0:1], state[:, 1:2], state[:, 2:3].exp(), state[:, 3:4].exp()
    u, v = (steps - x) / width, (steps - y) / width
    model = amplitude[:, :, None] * (-v * v / 2).exp()[:, :, None] * (-u * u / 2).exp()[:, None, :]
    residual = heights - model
    weight = disc / (1 + (residual / (OUTLIER * amplitude[:, :, None])).square()).square()
    # The model's derivatives are the model times u, v, 1 and u^2 + v^2: all sums are moments of two weightings.
    us, vs = _powers(u), _powers(v)
    m = (vs.mT @ (weight * model * model) @ us).permute(1, 2, 0)
    g = (vs[..., :3].mT @ (weight * model * residual) @ us[..., :3]).permute(1, 2, 0)
    x_r, y_r, one_r = m[0, 3] + m[2, 1], m[1, 2] + m[3, 0], m[0, 2] + m[2, 0]
    r_r = m[0, 4] + 2 * m[2, 2] + m[4, 0]
    rows = [
        (m[0, 2], m[1, 1], m[0, 1], x_r),
        (m[1, 1], m[2, 0], m[1, 0], y_r),
        (m[0, 1], m[1, 0], m[0, 0], one_r),
        (x_r, y_r, one_r, r_r),
    ]
    normal = torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)
    slope = torch.stack([g[0, 1], g[1, 0], g[0, 0], g[0, 2] + g[2, 0]], dim=-1)
    ridge = RIDGE * normal.diagonal(dim1=-2, dim2=-1).sum(dim=-1) + torch.finfo(steps.dtype).tiny
    normal = normal + ridge[:, None, None] * torch.eye(4, device=steps.device, dtype=steps.dtype)
    change = torch.linalg.solve_ex(normal, slope).result.clamp(-STRIDE, STRIDE)
    return state + torch.cat([change[:, :2] * width, change[:, 2:]], dim=-1)


def _powers(x: Tensor) -> Tensor:
    """Return x to the power 0 to 4, in a last dimension."""
    return torch.stack([torch.ones_like(x), x, x**2, x**3, x**4], dim=-1)
