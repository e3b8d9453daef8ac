# SPDX-License-Identifier: Apache-2.0
"""Pictures of maps with their peaks."""

import colorsys
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw
from torch import Tensor

from foveal._files import written_whole
from foveal.apps.table import Peaks

# Small maps are enlarged to about this many pixels, so that a fraction of a pixel can be seen.
SIDE = 640
MARK_RADIUS = 7.0


class OverlayNames:
    """Names of overlays that neither two arrays share nor an input bears.

    Args:
        folder: where the overlays go.
        inputs: files that must not be overwritten.
    """

    def __init__(self, folder: Path, inputs: Iterable[Path]) -> None:
        self._folder = folder
        self._taken: set[str] = set()
        self._inputs = {path.resolve() for path in inputs}

    def paths(self, stem: str, samples: int) -> list[Path]:
        """Return one path per sample for an array called `stem`."""
        # An archive's names are its author's: no separator, nothing hidden, not too long for a file system.
        stem = re.sub(r"[^\w.-]", "_", stem).lstrip(".")[:120] or "maps"
        label, count = stem, 1
        while not self._is_free(label, samples):
            count += 1
            label = f"{stem}~{count}"
        # Some file systems take upper and lower case for the same.
        self._taken.add(label.casefold())
        return self._candidates(label, samples)

    def _is_free(self, label: str, samples: int) -> bool:
        if label.casefold() in self._taken:
            return False
        return not any(path.resolve() in self._inputs for path in self._candidates(label, samples))

    def _candidates(self, label: str, samples: int) -> list[Path]:
        digits = len(str(samples - 1))
        return [self._folder / f"{label}-{sample:0{digits}}.png" for sample in range(samples)]


def draw_overlay(maps: Float[Tensor, "channels height width"], peaks: Peaks) -> Image.Image:
    """Draw the maps of one sample as one grey picture (their maximum) with a mark at each peak, coloured by channel."""
    channels, height, width = maps.shape
    grey = maps.amax(dim=0)
    low, high = grey.min(), grey.max()
    shades = ((grey - low) / (high - low).clamp_min(1e-30) * 255).round().byte().cpu().numpy()
    scale = max(1, round(SIDE / max(height, width)))
    # Marks are drawn at twice the size and reduced, which smooths their edges.
    fine = 2 * scale
    picture = Image.fromarray(shades).resize((width * fine, height * fine), Image.Resampling.NEAREST).convert("RGB")
    draw = ImageDraw.Draw(picture)
    colours = [tuple(round(255 * v) for v in colorsys.hsv_to_rgb(c / channels, 0.75, 1.0)) for c in range(channels)]
    points = peaks.points.numpy()
    for (x, y), channel in zip((points + 0.5) * fine, peaks.channel.tolist(), strict=True):
        if np.isfinite(x + y):
            for radius, colour, line in ((MARK_RADIUS, (0, 0, 0), 7), (MARK_RADIUS, colours[channel], 4)):
                size = 2 * radius + line / 2
                draw.ellipse((x - size, y - size, x + size, y + size), outline=colour, width=line)
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colours[channel], outline=(0, 0, 0))
    return picture.reduce(2)


def write_overlays(maps: Float[Tensor, "samples channels height width"], peaks: Peaks, paths: list[Path]) -> None:
    """Write the picture of each sample to its path; the folder is made where it is missing."""
    for sample, path in enumerate(paths):
        mine = peaks.sample == sample
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = draw_overlay(maps[sample], Peaks(*(column[mine] for column in peaks)))
        with written_whole(path) as stream:
            picture.save(stream, format="PNG")
