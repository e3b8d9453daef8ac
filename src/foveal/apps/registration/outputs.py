# SPDX-License-Identifier: Apache-2.0
"""What a registration is written as."""

import json
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._files import folder_written_whole
from foveal.apps.registration.pictures import checkerboard, difference
from foveal.apps.registration.register import Registration
from foveal.geometry.transform import warp_perspective
from foveal.io import write_image

FILES = ("transform.json", "warped.png", "checkerboard.png", "error.png")


def write_registration(
    folder: Path, fixed: Float[Tensor, "3 h w"], moving: Float[Tensor, "3 h2 w2"], found: Registration
) -> None:
    """Write `transform.json`, `warped.png`, `checkerboard.png` and `error.png`; all of them or none.

    The transform sends pixels (x, y, 1) of the fixed image to those of the moving one; the warped image is the moving
    one as the fixed one sees it, with its brightness and contrast; the error is mid-grey where they agree.

    Raises:
        OSError: the files cannot be written.
    """
    matrix = torch.linalg.inv(found.matrix).to(moving)[None]
    height, width = fixed.shape[1:]
    warped = warp_perspective(moving[None], matrix, (height, width))[0]
    inside = warp_perspective(torch.ones_like(moving[None, :1]), matrix, (height, width))[0] > 0.5
    alike = torch.where(inside, ((warped - found.bias) / found.gain).clamp(0, 1), 0)
    pictures = {
        FILES[1]: warped,
        FILES[2]: checkerboard(fixed, torch.where(inside, alike, fixed)),
        FILES[3]: torch.where(inside, difference(fixed, alike), 0.5),
    }
    report = {
        "model": found.model,
        "matrix": found.matrix.tolist(),
        "gain": found.gain,
        "bias": found.bias,
        "correlation": found.correlation,
        "overlap": found.overlap,
        "levels": [
            {"height": level.height, "width": level.width, "model": level.model, "costs": level.costs}
            for level in found.levels
        ],
    }
    with folder_written_whole(folder) as draft:
        (draft / FILES[0]).write_text(json.dumps(report, indent=1) + "\n")
        for name, picture in pictures.items():
            write_image(draft / name, (picture * 255).round().to(torch.uint8))
