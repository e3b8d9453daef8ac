# SPDX-License-Identifier: Apache-2.0
"""Depth of a view from the others, from coarse images to fine ones."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import interpolate

from foveal.apps.depth.photometric import least_error, photometric_error
from foveal.apps.depth.scene import Scene, SceneError
from foveal.apps.depth.sweep import sweep_planes
from foveal.apps.depth.views import Reprojection, View, sampled
from foveal.losses import inverse_depth_smoothness_loss

# What edges of the image count in the smoothness: exp(-EDGES |difference|) for images in [0, 1].
EDGES = 10.0
# Gradient descent's rate for a loss that is the sum over pixels.
SURVEY_RATE = 1e-1
# An image whose pixels differ by less tells nothing of depth, nor do other views that show less of it.
CONTRAST, OVERLAP = 0.01, 0.02


@dataclass(frozen=True)
class Settings:
    """How depth is estimated.

    Args:
        method: "adam" searches planes first and then moves inverse depth by Adam; "sgd" is the setting of Riba et al.
            2020, random depth moved by gradient descent with momentum.
        levels: images of the pyramid, each half as large as the next; by default 3 for "adam", 7 for "sgd".
        iterations: steps per level; by default 80 for "adam", 500 for "sgd".
        smoothness: weight of the edge-aware smoothness.
        consistency: weight of the agreement of depths; above 0 the depth of every view is estimated.
        planes: how many planes are searched.
        seed: of the random depth.
    """

    method: Literal["adam", "sgd"] = "adam"
    levels: int | None = None
    iterations: int | None = None
    smoothness: float = 0.3
    consistency: float = 0.0
    planes: int = 64
    seed: int = 0


@dataclass(frozen=True)
class Estimate:
    """What was found.

    Args:
        depth: depth z of the reference view, (H, W).
        seen: where another view shows the point, (H, W).
        losses: the loss at the end of each level, coarse to fine.
    """

    depth: Float[Tensor, "height width"]
    seen: Bool[Tensor, "height width"]
    losses: list[float]


class Reference:
    """A view whose depth is estimated, at one level of the pyramid."""

    def __init__(self, view: View, others: list[View]) -> None:
        self.view = view
        self.image = view.image[None]
        self.others = [Reprojection(view, other) for other in others]

    def loss(self, inverse_depth: Tensor, smoothness: float) -> tuple[Tensor, Tensor]:
        """Return the photometric error with the smoothness, a scalar, and where another view sees the point."""
        errors, seen = [], []
        for other in self.others:
            warped, visible = other.warp(inverse_depth)
            errors.append(photometric_error(warped, self.image))
            seen.append(visible)
        error, visible = least_error(errors, seen)
        relative = inverse_depth / inverse_depth.detach().mean()
        return error.mean() + smoothness * inverse_depth_smoothness_loss(relative, EDGES * self.image), visible

    def half_pixel(self) -> float:
        """Return the change of inverse depth that moves a point by about half a pixel in another view."""
        moved = [float(other.step[:2].norm()) for other in self.others]
        return 0.5 / max(*moved, 1e-9) if moved else 1.0


def estimate_depth(
    scene: Scene, settings: Settings | None = None, report: Callable[[str], object] = lambda _: None
) -> Estimate:
    """Estimate the depth of the first view of a scene.

    Args:
        scene: two views or more.
        settings: how; the default ones are good for small motions between the views.
        report: is told what is done.

    Raises:
        SceneError: there is only one view, it is flat, the others are taken from its place or show nothing of it, or
            the depth became no number.
    """
    chosen = Settings() if settings is None else settings
    if len(scene.views) < 2:
        raise SceneError("depth needs two views at least")
    first = scene.views[0]
    if first.image.flatten(1).std(dim=1).max() < CONTRAST:
        raise SceneError(f"{first.name} is flat: there is nothing in it to find in another view")
    near, far = scene.depths()
    low, high = 1 / far, 1 / near
    height, width = first.image.shape[-2:]
    survey = chosen.method == "sgd"
    levels = chosen.levels or (7 if survey else 3)
    iterations = chosen.iterations or (500 if survey else 80)
    levels = min(levels, 1 + int(math.log2(max(min(height, width) / 2, 1))))
    targets = range(len(scene.views)) if chosen.consistency > 0 else range(1)
    found: list[Tensor] = []
    losses: list[float] = []
    seen = torch.ones(1, 1, height, width, dtype=torch.bool)
    for level in reversed(range(levels)):
        views = [view.resized(*(max(round(n / 2**level), 2) for n in view.image.shape[-2:])) for view in scene.views]
        references = [Reference(views[t], [view for i, view in enumerate(views) if i != t]) for t in targets]
        size = [tuple(reference.image.shape[-2:]) for reference in references]
        if found:
            found = [interpolate(w, s, mode="bilinear", align_corners=False) for w, s in zip(found, size, strict=True)]
        elif survey:
            found = [_random(s, near, far, chosen.seed + t) for t, s in enumerate(size)]
        else:
            report("searching planes")
            found = [sweep_planes(r.image, r.others, low, high, chosen.planes) for r in references]
        report(f"level {levels - level} of {levels}, {size[0][1]} x {size[0][0]}")
        found, loss, seen = _descend(references, found, (low, high), chosen, iterations)
        losses.append(loss)
        if not math.isfinite(loss):
            raise SceneError("the depth became no number: the images or the cameras hold none")
    if seen.float().mean() < OVERLAP:
        raise SceneError(f"no other view shows what {first.name} shows: the poses must be from the world to the camera")
    depth = 1 / found[0][0, 0]
    return Estimate(depth, seen[0, 0], losses)


def _random(size: tuple[int, ...], near: float, far: float, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 1 / (near + (far - near) * torch.rand(1, 1, *size, generator=generator))


def _descend(
    references: list[Reference], start: list[Tensor], bounds: tuple[float, float], settings: Settings, iterations: int
) -> tuple[list[Tensor], float, Tensor]:
    """Move the inverse depths of one level downhill; return them, the loss and where the first one is seen."""
    survey = settings.method == "sgd"
    # The survey's unknown is depth, ours inverse depth: places move evenly with it.
    unknowns = [(1 / w if survey else w).detach().requires_grad_() for w in start]
    limits = (1 / bounds[1], 1 / bounds[0]) if survey else bounds
    if survey:
        optimizer = torch.optim.SGD(unknowns, lr=SURVEY_RATE, momentum=0.9)
        schedule = None
    else:
        optimizer = torch.optim.Adam(unknowns, lr=0.2 * references[0].half_pixel(), betas=(0.9, 0.99))
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, iterations, 0.02 * references[0].half_pixel())
    total, seen = torch.zeros(()), torch.ones(1, 1, 1, 1, dtype=torch.bool)
    for _ in range(iterations):
        inverse = [1 / u if survey else u for u in unknowns]
        parts = [reference.loss(w, settings.smoothness) for reference, w in zip(references, inverse, strict=True)]
        total, seen = sum((part for part, _ in parts), start=torch.zeros(())), parts[0][1]
        if settings.consistency > 0:
            total = total + settings.consistency * _disagreement(references, inverse)
        optimizer.zero_grad()
        # The mean over pixels gives every pixel a gradient that shrinks with the image; its sum does not.
        (total * inverse[0].numel()).backward()
        optimizer.step()
        if schedule is not None:
            schedule.step()
        with torch.no_grad():
            for unknown in unknowns:
                unknown.clamp_(*limits)
    return [(1 / u if survey else u).detach() for u in unknowns], float(total.detach()), seen


def _disagreement(references: list[Reference], inverse: list[Tensor]) -> Tensor:
    """Return how far the depth of each view is from what the others say of its points, relative to both."""
    total = torch.zeros(())
    for target, reference in enumerate(references):
        indices = [i for i in range(len(references)) if i != target]
        for index, other in zip(indices, reference.others, strict=True):
            place, depth, inside = other.places(inverse[target])
            said = 1 / sampled(inverse[index], place)[:, 0]
            apart = (depth - said).abs() / (depth + said)
            # A point that another surface hides there is no disagreement.
            agreed = inside & (apart.detach() < 0.1)
            total = total + torch.where(agreed, apart, 0).mean()
    return total
