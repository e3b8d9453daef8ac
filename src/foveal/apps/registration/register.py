# SPDX-License-Identifier: Apache-2.0
"""Registration of two images, from coarse to fine, with the checks that a result can be trusted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from foveal.apps.registration.first_order import descend
from foveal.apps.registration.gauss_newton import Estimate, GaussNewton
from foveal.apps.registration.level import Level
from foveal.apps.registration.models import MODELS, between_levels
from foveal.color import rgb_to_grayscale
from foveal.filters import gaussian_blur2d
from foveal.geometry.transform import resize

Method = Literal["gauss-newton", "adam"]


class Search(NamedTuple):
    """How widely to search on the coarsest level.

    Args:
        side: its shorter side is at least so many pixels, and less than twice as many.
        kept: starts that are followed with the next richer models.
    """

    side: int
    kept: int


# An offset of a fifth of the image is some pixels on the coarsest level. The wide search takes three times as long, and
# is for images whose pixels agree less than `SURE` after the quick one.
QUICK, WIDE = Search(14, 12), Search(20, 25)
SURE = 0.9
# Starts on the coarsest level: translations by these parts of its size, both ways.
STARTS = (-0.2, -0.1, 0.0, 0.1, 0.2)
# A level with a shorter side can tell no perspective from its noise.
PERSPECTIVE = 20
ITERATIONS = 60
# Noise is blurred away before derivatives are taken.
SIGMA = 0.8
# Rows and columns that an image must have.
SMALLEST = 16
# What a registration must reach to be one: overlap of the images, correlation of their pixels there, and the least
# contrast of an image.
OVERLAP, CORRELATION, CONTRAST = 0.2, 0.6, 0.01


class RegistrationError(Exception):
    """Two images could not be registered; the message says why."""


@dataclass(frozen=True)
class Registration:
    """A transform, and how good it is.

    Args:
        matrix: from pixels (x, y, 1) of the fixed image to those of the moving one, (3, 3), float64.
        model: translation, similarity, affine or homography.
        gain: contrast of the moving image: moving = gain * fixed + bias.
        bias: its brightness.
        correlation: of the pixels where both images are, -1 to 1.
        overlap: part of the fixed image that the moving one covers.
        levels: from coarse to fine.
    """

    matrix: Float[Tensor, "3 3"]
    model: str
    gain: float
    bias: float
    correlation: float
    overlap: float
    levels: list[Level] = field(default_factory=list)


def register(
    fixed: Float[Tensor, "c h w"],
    moving: Float[Tensor, "c h2 w2"],
    *,
    model: str = "homography",
    method: Method = "gauss-newton",
    report: Callable[[Level], None] | None = None,
) -> Registration:
    """Find the transform that lays one image onto another.

    Args:
        fixed: grey or RGB in [0, 1], (1 or 3, H, W).
        moving: likewise, of any size.
        model: translation, similarity, affine or homography.
        method: `"gauss-newton"` (inverse compositional, robust, with brightness and contrast) or `"adam"` (the
            gradient descent of Kornia's `ImageRegistrator`; no affine model).
        report: is told of every level when it is done.

    Raises:
        ValueError: there is no such model or method, or an image is no grey or RGB image.
        RegistrationError: an image is flat, the images do not overlap, or the search diverged.

    Source: Baker and Matthews, Lucas-Kanade 20 Years On, IJCV 2004.
    """
    if model not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}, got {model!r}")
    if method not in ("gauss-newton", "adam"):
        raise ValueError(f"method must be one of gauss-newton, adam, got {method!r}")
    greys = _grey(fixed, "fixed"), _grey(moving, "moving")
    levels: list[Level] = []

    def keep(level: Level) -> None:
        levels.append(level)
        if report is not None:
            report(level)

    if method == "adam":
        return _checked(*descend(*greys, model, keep), model, levels)
    state, gauss_newton = _search(*greys, model, QUICK, keep)
    if _agreement(gauss_newton, state)[0] < SURE:
        other, wider = _search(*greys, model, WIDE, keep)
        if _agreement(wider, other)[0] > _agreement(gauss_newton, state)[0]:
            state, gauss_newton = other, wider
    return _checked(state, gauss_newton, model, levels)


def _search(
    fixed: Float[Tensor, "h w"],
    moving: Float[Tensor, "h2 w2"],
    model: str,
    search: Search,
    keep: Callable[[Level], None],
) -> tuple[Estimate, GaussNewton]:
    """Follow several starts with richer and richer models on the coarsest level, and the best of them to the finest."""
    pyramids = _pyramid(fixed, search.side), _pyramid(moving, search.side)
    count = min(len(pyramid) for pyramid in pyramids)
    coarse, other = (pyramid[count - 1] for pyramid in pyramids)
    state = _starts(coarse, other)
    chosen = MODELS[: MODELS.index(model) + 1]
    gauss_newton = GaussNewton(coarse, other, model)
    for stage in chosen:
        if stage == "homography" and min(coarse.shape) < PERSPECTIVE:
            break
        gauss_newton = GaussNewton(coarse, other, stage)
        state, costs = gauss_newton.run(state, ITERATIONS)
        keep(Level(coarse.shape[0], coarse.shape[1], stage, costs))
        best = _ranked(gauss_newton, state)[: search.kept]
        state = Estimate(*(value[best] for value in state))
    for number in range(count - 2, -1, -1):
        fixed, moving = pyramids[0][number], pyramids[1][number]
        to_fixed, to_moving = (between_levels(pyramid[number + 1], pyramid[number]) for pyramid in pyramids)
        state = state._replace(matrix=to_moving @ state.matrix @ torch.linalg.inv(to_fixed))
        stage = model if model != "homography" or min(fixed.shape) >= PERSPECTIVE else "affine"
        gauss_newton = GaussNewton(fixed, moving, stage)
        state, costs = gauss_newton.run(state, ITERATIONS)
        keep(Level(fixed.shape[0], fixed.shape[1], stage, costs))
        best = _ranked(gauss_newton, state)[: max(len(state.gain) // 3, 1)]
        state = Estimate(*(value[best] for value in state))
    best = int(_agreement(gauss_newton, state)[0].argmax())
    return Estimate(*(value[best : best + 1] for value in state)), gauss_newton


def _ranked(gauss_newton: GaussNewton, state: Estimate) -> Tensor:
    """Order a batch by the correlation of what overlaps, weighed by how much does: costs have noises of their own."""
    correlation, overlap = _agreement(gauss_newton, state)
    return (correlation * overlap.clamp(max=0.5)).argsort(descending=True)


def _starts(fixed: Float[Tensor, "h w"], moving: Float[Tensor, "h2 w2"]) -> Estimate:
    """Return the translations to start from, of a moving image that is first scaled to the size of the fixed one."""
    shifts = torch.tensor(list(product(STARTS, STARTS)), dtype=torch.float64)
    matrix = between_levels(fixed, moving).repeat(len(shifts), 1, 1)
    matrix[:, :2, 2] += shifts * torch.tensor([moving.shape[1], moving.shape[0]])
    gain = (moving.std() / fixed.std()).expand(len(shifts))
    return Estimate(matrix, gain, moving.mean() - gain * fixed.mean())


def _grey(image: Float[Tensor, "c h w"], name: str) -> Float[Tensor, "h w"]:
    if image.ndim != 3 or image.shape[0] not in (1, 3) or not image.is_floating_point():
        raise ValueError(
            f"{name} must be floats of shape (1 or 3, H, W), got {image.dtype} of shape {tuple(image.shape)}"
        )
    image = image.float()
    grey = rgb_to_grayscale(image)[0] if len(image) == 3 else image[0]
    if min(grey.shape) < SMALLEST:
        raise RegistrationError(
            f"the {name} image must have at least {SMALLEST} x {SMALLEST} pixels, got {grey.shape[1]} x {grey.shape[0]}"
        )
    if not torch.isfinite(grey).all():
        raise RegistrationError(f"the {name} image has pixels that are not finite")
    if grey.std() < CONTRAST:
        raise RegistrationError(f"the {name} image is flat: there is nothing in it to register")
    return grey


def _pyramid(image: Float[Tensor, "h w"], coarsest: int) -> list[Float[Tensor, "h w"]]:
    """Return the image, blurred a little, and halves of halves of it."""
    level = gaussian_blur2d(image[None, None], 5, (SIGMA, SIGMA))
    levels = [level[0, 0]]
    while min(level.shape[-2:]) >= 2 * coarsest:
        height, width = level.shape[-2:]
        blurred = gaussian_blur2d(level, 5, (1.0, 1.0))
        level = resize(blurred, ((height + 1) // 2, (width + 1) // 2), "bilinear", align_corners=False)
        levels.append(level[0, 0])
    return levels


def _agreement(gauss_newton: GaussNewton, state: Estimate) -> tuple[Float[Tensor, "batch"], Float[Tensor, "batch"]]:
    """Return the correlation of the pixels that both images have, and what part of the fixed image these are."""
    warped, valid = gauss_newton.warp(state.matrix)
    count = valid.sum(1, keepdim=True).clamp(min=1)
    first = (gauss_newton.fixed - (gauss_newton.fixed * valid).sum(1, keepdim=True) / count) * valid
    second = (warped - (warped * valid).sum(1, keepdim=True) / count) * valid
    scale = (first.square().sum(1) * second.square().sum(1)).sqrt().clamp(min=1e-12)
    return (first * second).sum(1) / scale, valid.mean(1)


def _checked(state: Estimate, gauss_newton: GaussNewton, model: str, levels: list[Level]) -> Registration:
    matrix = state.matrix[0]
    correlation, overlap = (float(value[0]) for value in _agreement(gauss_newton, state))
    if not torch.isfinite(matrix).all() or torch.linalg.det(matrix) <= 0:
        raise RegistrationError("the search diverged: the transform is not one that a camera can see")
    if overlap < OVERLAP:
        raise RegistrationError(f"no overlap was found: {overlap:.0%} of the fixed image at the best")
    if correlation < CORRELATION:
        raise RegistrationError(
            f"the search diverged: where the images overlap, their pixels correlate by {correlation:.2f} only"
        )
    return Registration(matrix, model, float(state.gain[0]), float(state.bias[0]), correlation, overlap, levels)
