# SPDX-License-Identifier: Apache-2.0
"""The chapter on registration by Gauss-Newton."""

import math
import time

import torch
from matplotlib.figure import Figure as Canvas
from torch import Tensor

from foveal.apps.photo import read_photo
from foveal.apps.registration import Level, Registration, checkerboard, register
from foveal.apps.report.chapter import Chapter, Facts, Figure, Settings, Table, Text
from foveal.apps.report.plots import bare_axes, picture
from foveal.geometry.transform import get_perspective_transform, warp_perspective

# The second image: corners moved by up to this part of the width, and changed in contrast and brightness, with noise.
SHIFT, GAIN, BIAS, NOISE = 0.15, 0.85, 0.08, 0.02
LARGEST = 512


def registration(settings: Settings) -> Chapter:
    """Lay a photograph that was warped, dimmed and made noisy back onto itself."""
    photo = read_photo(settings.photo, largest=LARGEST)
    settings.announce("Register")
    fixed, moving, truth = _pair(photo.colours)
    # The first call of a kernel compiles it.
    register(fixed, moving)
    levels: list[Level] = []
    start = time.perf_counter()
    found = register(fixed, moving, report=levels.append)
    seconds = time.perf_counter() - start
    error = _corner_error(found.matrix, truth, fixed)
    offset = _corner_error(torch.eye(3, dtype=torch.float64), truth, fixed)
    summary = f"""A photograph ({photo.name}) and a second picture of it, seen from aside: its corners moved by
        {offset:.0f} pixels in the mean, darker, with less contrast, and noise in both. Nothing but pixels is compared:
        the homography between them comes out by Gauss-Newton with an error of {error:.3f} pixels at the corners."""
    facts = Facts(
        (
            (f"{error:.3f} px", "mean error of the corners"),
            (f"{offset:.0f} px", "mean distance of the corners before"),
            (f"{seconds:.2f} s", "for the registration"),
            (f"{found.correlation:.3f}", "correlation of the pixels after it"),
        )
    )
    method = """Steps are taken in the first image, whose derivatives are computed once, and composed with the transform
        (the inverse compositional form of Baker and Matthews, 2004). Large errors count by their size only, brightness
        and contrast are solved for along with the motion, and many translations start at once on the coarsest level.

        `foveal register A B -o OUT` does it with two images of your own."""
    return Chapter(
        "Registration",
        summary,
        (facts, _boards(fixed, moving, found), _table(levels), Text(method, heading="How it works")),
    )


def _pair(image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the image, the second one, and the homography from the pixels of the first to those of the second."""
    height, width = image.shape[1:]
    generator = torch.Generator().manual_seed(3)
    right, bottom = width - 1.0, height - 1.0
    corners = torch.tensor([[[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]]])
    shift = (2 * torch.rand(1, 4, 2, generator=generator) - 1) * SHIFT * width
    matrix = get_perspective_transform(corners, corners + shift)
    moving = warp_perspective(image[None], matrix, (height, width))[0] * GAIN + BIAS
    noise = NOISE * torch.randn(2, *image.shape, generator=generator)
    return (image + noise[0]).clamp(0, 1), (moving + noise[1]).clamp(0, 1), matrix[0].double()


def _corner_error(found: Tensor, truth: Tensor, image: Tensor) -> float:
    """Return the mean distance, in pixels, between where two homographies send the corners of an image."""
    right, bottom = image.shape[2] - 1.0, image.shape[1] - 1.0
    corners = torch.tensor([[0, 0, 1], [right, 0, 1], [right, bottom, 1], [0, bottom, 1]], dtype=torch.float64)
    places = [(corners @ matrix.mT)[:, :2] / (corners @ matrix.mT)[:, 2:] for matrix in (found, truth)]
    return float((places[0] - places[1]).norm(dim=1).mean())


def _boards(fixed: Tensor, moving: Tensor, found: Registration) -> Figure:
    matrix = torch.linalg.inv(found.matrix).to(moving)[None]
    warped = warp_perspective(moving[None], matrix, (fixed.shape[1], fixed.shape[2]))[0]
    images = {
        "both in turns, before": checkerboard(fixed, moving),
        "both in turns, after": checkerboard(fixed, ((warped - found.bias) / found.gain).clamp(0, 1)),
    }
    canvas = Canvas(figsize=(10, 5 * fixed.shape[1] / fixed.shape[2] + 0.3), layout="constrained")
    for axes, (title, image) in zip(canvas.subplots(1, 2), images.items(), strict=True):
        axes.imshow(image.movedim(0, -1).numpy(), interpolation="antialiased")
        # Grey that can be read on a light and on a dark page.
        axes.set_title(title, fontsize=9.5, loc="left", color="#808893")
        bare_axes(axes)
    return picture(
        canvas,
        alt="Two checkerboards of both images: broken edges before registration, unbroken ones after it.",
        caption="The two images in turns on a checkerboard, before and after: where they agree, edges run through. The "
        "second image has its brightness and contrast put right, and is dark where it has no pixels.",
    )


def _table(levels: list[Level]) -> Table:
    rows = [
        (
            f"{level.width} x {level.height}",
            level.model,
            f"{len(level.costs) - 1}",
            f"{level.costs[0]:.3f}",
            f"{level.costs[-1]:.3f}" if math.isfinite(level.costs[-1]) else "-",
        )
        for level in levels
    ]
    return Table(
        ("level, pixels", "model", "steps", "error before", "error after"),
        tuple(rows),
        "From coarse to fine: the mean robust error, in units of the noise that each level began with.",
    )
