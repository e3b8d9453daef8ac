# SPDX-License-Identifier: Apache-2.0
"""Gauss-Newton registration in the inverse compositional form, robust, with brightness and contrast, batched.

Source: Baker and Matthews, Lucas-Kanade 20 Years On, IJCV 2004, sections 3.2 and 4.3 (robust error, part 2).
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from foveal.apps.registration.models import steepest_descent, step
from foveal.geometry.transform import remap

# Huber's weight: errors beyond so many standard deviations of the noise count by their size, not by its square.
HUBER = 1.345
# From the median of absolute errors to the standard deviation of normal ones.
MAD = 1.4826
# Pixels that the median is taken over: more change nothing.
SAMPLES = 4096
# Marquardt's factor: at the start, and where it ends a step that made things worse again and again.
DAMPING, DAMPED = 1e-3, 1e4
# Pixels that a registration looks at, about: more of them cost time, and gain hundredths of a pixel.
PIXELS = 16_384


class Estimate(NamedTuple):
    """State of a batch of registrations.

    Args:
        matrix: from pixels of the fixed image to those of the moving one, (B, 3, 3), float64.
        gain: contrast of the moving image against the fixed one, (B,).
        bias: brightness, (B,).
    """

    matrix: Float[Tensor, "batch 3 3"]
    gain: Float[Tensor, "batch"]
    bias: Float[Tensor, "batch"]


class Errors(NamedTuple):
    """How well a batch of registrations fits.

    Args:
        residual: gain * fixed + bias - warped, (B, N).
        valid: pixels whose place lies inside the moving image, (B, N), 0 or 1.
        cost: mean of Huber's function over them, (B,), in units of the noise of the first state.
    """

    residual: Float[Tensor, "batch pixels"]
    valid: Float[Tensor, "batch pixels"]
    cost: Float[Tensor, "batch"]


class GaussNewton:
    """Registers images of one size with one model.

    Args:
        fixed: the image that steps are taken in, (h, w).
        moving: the image that is warped onto it, (h', w').
        model: one of `models.MODELS`.
    """

    def __init__(self, fixed: Float[Tensor, "h w"], moving: Float[Tensor, "h2 w2"], model: str) -> None:
        self.model = model
        self.height, self.width = fixed.shape
        self._moving = moving[None, None]
        # Centred and scaled coordinates make the normal equations well conditioned.
        scale = max(self.height, self.width) / 2
        down, across = torch.gradient(fixed)
        chosen = _steepest(across.square() + down.square())
        gradient = torch.stack([across.flatten()[chosen], down.flatten()[chosen]]) * scale
        x, y = (chosen % self.width).to(fixed), (chosen // self.width).to(fixed)
        self._points = torch.stack([x, y, torch.ones_like(x)])
        self.fixed = fixed.flatten()[chosen]
        x, y = (x - (self.width - 1) / 2) / scale, (y - (self.height - 1) / 2) / scale
        motion = steepest_descent(model, gradient, x, y)
        self._jacobian = torch.cat([motion, self.fixed[None], torch.ones_like(self.fixed)[None]])
        self._centre = torch.eye(3, dtype=torch.float64)
        self._centre[0, 0] = self._centre[1, 1] = scale
        self._centre[0, 2], self._centre[1, 2] = (self.width - 1) / 2, (self.height - 1) / 2
        self._back = torch.linalg.inv(self._centre)
        self._stride = max(self.fixed.numel() // SAMPLES, 1)

    def errors(self, state: Estimate, noise: Float[Tensor, "batch"] | None = None) -> Errors:
        """Warp, compare, and measure; the noise is estimated where it is not given."""
        warped, valid = self.warp(state.matrix)
        residual = (state.gain[:, None] * self.fixed + state.bias[:, None] - warped) * valid
        noise = self.noise(residual, valid) if noise is None else noise
        size = residual.abs() / noise[:, None]
        # Huber's function: what of the size is below the bound counts by its square.
        small = size.clamp(max=HUBER)
        loss = (small * (size - small / 2)).sum(1)
        return Errors(residual, valid, loss / valid.sum(1).clamp(min=1))

    def warp(self, matrix: Float[Tensor, "batch 3 3"]) -> tuple[Float[Tensor, "batch pixels"], ...]:
        """Return the moving image where the pixels of the fixed one lie in it, and whether they do, 0 or 1."""
        height, width = self._moving.shape[2:]
        x, y, depth = (matrix.to(self._points) @ self._points).unbind(1)
        x, y = x / depth, y / depth
        valid = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1) & (depth > 0)
        moving = self._moving.expand(len(matrix), -1, -1, -1)
        warped = remap(moving, x[:, None], y[:, None], "bilinear", "border", align_corners=True)
        return warped[:, 0, 0], valid.to(warped)

    def noise(
        self, residual: Float[Tensor, "batch pixels"], valid: Float[Tensor, "batch pixels"]
    ) -> Float[Tensor, "batch"]:
        """Estimate the standard deviation of the noise from the median of the errors."""
        some = torch.where(valid > 0, residual.abs(), torch.nan)[:, :: self._stride]
        # What is left of a perfect fit is rounding.
        return torch.nan_to_num(some.nanmedian(dim=1).values * MAD).clamp(min=1e-4)

    def solve(self, errors: Errors, noise: Float[Tensor, "batch"], damping: Float[Tensor, "batch"]) -> Tensor:
        """Return the step to motion, gain and bias that the normal equations ask for, (B, parameters + 2)."""
        size = errors.residual.abs() / noise[:, None]
        weight = errors.valid * (HUBER / size.clamp(min=HUBER))
        weighted = self._jacobian * weight[:, None]
        normal = (weighted @ self._jacobian.T).double()
        slope = (weighted @ errors.residual[:, :, None]).double()
        diagonal = normal.diagonal(dim1=1, dim2=2)
        normal = normal + torch.diag_embed(diagonal * damping[:, None] + 1e-12)
        return -torch.linalg.solve(normal, slope)[..., 0]

    def moved(self, state: Estimate, change: Float[Tensor, "batch parameters"]) -> Estimate:
        """Take a step: the motion is composed with the inverse of that of the fixed image."""
        motion = self._centre @ step(self.model, change[:, :-2] / state.gain[:, None].double()) @ self._back
        matrix = state.matrix @ torch.linalg.inv(motion)
        return Estimate(
            matrix / matrix[:, 2:, 2:],
            state.gain + change[:, -2].to(state.gain),
            state.bias + change[:, -1].to(state.bias),
        )

    def run(self, state: Estimate, iterations: int, tolerance: float = 0.005) -> tuple[Estimate, list[float]]:
        """Take steps until no corner moves by more than `tolerance` pixels.

        Returns:
            the state; the cost of the best of the batch before each step and at the end.
        """
        damping = torch.full_like(state.gain, DAMPING, dtype=torch.float64)
        errors = self.errors(state)
        noise = self.noise(errors.residual, errors.valid)
        history = [float(errors.cost.min())]
        for _ in range(iterations):
            change = self.solve(errors, noise, damping)
            proposed = self.moved(state, change)
            motion = self.corners(proposed.matrix) - self.corners(state.matrix)
            found = self.errors(proposed, noise)
            better = (found.cost < errors.cost) & (found.valid.sum(1) > 0.1 * self.fixed.numel())
            better &= torch.isfinite(proposed.matrix).flatten(1).all(1) & (proposed.gain > 0.05)
            state = Estimate(*(_choose(better, new, old) for new, old in zip(proposed, state, strict=True)))
            errors = Errors(*(_choose(better, new, old) for new, old in zip(found, errors, strict=True)))
            damping = torch.where(better, damping / 5, damping * 10)
            history.append(float(errors.cost.min()))
            still = motion.norm(dim=-1).amax(1) < tolerance
            if bool((still | (damping > DAMPED)).all()):
                break
        return state, history

    def corners(self, matrix: Float[Tensor, "batch 3 3"]) -> Float[Tensor, "batch 4 2"]:
        """Return where the corners of the fixed image lie in the moving one."""
        right, bottom = self.width - 1, self.height - 1
        corners = torch.tensor([[0, 0, 1], [right, 0, 1], [right, bottom, 1], [0, bottom, 1]]).to(matrix)
        places = corners @ matrix.mT
        return places[..., :2] / places[..., 2:]


def _choose(chosen: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return torch.where(chosen.view(-1, *[1] * (new.ndim - 1)), new, old)


def _steepest(strength: Float[Tensor, "h w"]) -> Tensor:
    """Return the numbers of the pixels with the strongest gradient of each small square, about `PIXELS` in all."""
    side = math.ceil(math.sqrt(strength.numel() / PIXELS))
    if side == 1:
        return torch.arange(strength.numel())
    return functional.max_pool2d(strength[None], side, return_indices=True)[1].flatten()
