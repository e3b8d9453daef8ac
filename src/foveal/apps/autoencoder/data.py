# SPDX-License-Identifier: Apache-2.0
"""Photographs, and the patches of each step.

What is drawn at a step is a function of the seed and the step, as are the order of an epoch's patches: no generator is
carried from step to step. So a checkpoint needs the step only, a resumed run sees what the unbroken one sees, and many
processes see together what one sees alone.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from foveal.apps.autoencoder.options import Options, TrainingError
from foveal.apps.photo import PhotoError, read_photo
from foveal.geometry.transform import crop_by_indices, hflip, vflip

# Longer side that photographs are reduced to: all of them are held in memory, as bytes.
LARGEST = 512

# Streams of random numbers that must not be the same.
ORDER, AUGMENTATION = 1, 2


class Photo(NamedTuple):
    """A photograph in bytes, (3, height, width)."""

    name: str
    pixels: UInt8[Tensor, "3 height width"]


class Photos(NamedTuple):
    """Photographs to train on and to look at afterwards; the same one in both where there is only one."""

    training: tuple[Photo, ...]
    test: tuple[Photo, ...]

    def digest(self) -> str:
        """Return a short text that differs where any photograph does."""
        total = hashlib.sha256()
        for part in self:
            for photo in part:
                total.update(f"{photo.name} {tuple(photo.pixels.shape)}\n".encode("utf-8", "surrogateescape"))
                total.update(photo.pixels.numpy().tobytes())
        return total.hexdigest()[:16]


def read_photos(folder: Path | None, size: int, say: Callable[[str], object]) -> Photos:
    """Read the photographs of a folder, and set a tenth of them aside (of two or more, one at the least).

    Args:
        folder: its files are taken in the order of their names; `None` takes photographs of scikit-image.
        size: the least that a side of a photograph may have.
        say: told of every file that is left out, and why.

    Raises:
        TrainingError: there is no photograph that can be read.
    """
    photos = _default_photos() if folder is None else _read_folder(folder, size, say)
    if folder is not None and not photos:
        raise TrainingError(f"{folder} has no image of at least {size} x {size} pixels that can be read")
    aside = -(-len(photos) // 10) if len(photos) > 1 else 0
    return Photos(tuple(photos[: len(photos) - aside]), tuple(photos[-aside:] if aside else photos))


def draw_patches(
    photos: Sequence[Photo], options: Options, step: int, *, rank: int = 0, count: int = 1
) -> Float[Tensor, "patches 3 size size"]:
    """Return the patches of a step: cut at random places, each mirrored either way with a chance of one half.

    Args:
        photos: each is drawn in turn as often as patches fit into it.
        options: batch, size and seed.
        step: from 0.
        rank: which process asks.
        count: number of processes; each gets its share of the batch.
    """
    generator = np.random.default_rng([options.seed, AUGMENTATION, step])
    places = torch.from_numpy(generator.random((options.batch, 2)))[rank::count]
    mirrored = torch.from_numpy(generator.random((options.batch, 2)) < 0.5)[rank::count]
    chosen = _owners(photos, options, step)[rank::count]
    patches = torch.cat([_cut(photo.pixels, place, options.size) for photo, place in zip(chosen, places, strict=True)])
    across, down = mirrored[:, :, None, None, None].unbind(1)
    patches = torch.where(across, hflip(patches), patches)
    return torch.where(down, vflip(patches), patches)


def _owners(photos: Sequence[Photo], options: Options, step: int) -> list[Photo]:
    """Return the photograph of each patch of a step; patches are numbered on from epoch to epoch."""
    fit = [photo.pixels.shape[1] * photo.pixels.shape[2] // options.size**2 for photo in photos]
    total, ends = sum(fit), np.cumsum(fit)
    first = step * options.batch
    numbers = [divmod(number, total) for number in range(first, first + options.batch)]
    places = [_order(options.seed, epoch, total)[place] for epoch, place in numbers]
    return [photos[index] for index in np.searchsorted(ends, places, side="right")]


# An epoch and the next are in use at once.
@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, count: int) -> Int[np.ndarray, " count"]:
    return np.random.default_rng([seed, ORDER, epoch]).permutation(count)


def _cut(pixels: Tensor, place: Tensor, size: int) -> Float[Tensor, "1 3 size size"]:
    """Cut a patch at a place in [0, 1)^2, (x, y), of all the places that it may have."""
    room = torch.tensor([pixels.shape[2] - size + 1, pixels.shape[1] - size + 1])
    left, top = (place * room).long().tolist()
    # The rows first: only they are turned into floats.
    rows = pixels[None, :, top : top + size].float() / 255
    right, bottom = left + size - 1, size - 1
    box = torch.tensor([[[left, 0], [right, 0], [right, bottom], [left, bottom]]])
    return crop_by_indices(rows, box, (size, size))


def _read_folder(folder: Path, size: int, say: Callable[[str], object]) -> list[Photo]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise TrainingError(f"{folder}: {error.strerror}") from error
    photos = list[Photo]()
    for path in paths:
        try:
            photo = read_photo(path, smallest=size, largest=max(LARGEST, size))
        except PhotoError as error:
            say(f"left out: {error}")
        else:
            photos.append(Photo(photo.name, (photo.colours * 255).round().to(torch.uint8)))
    return photos


def _default_photos() -> list[Photo]:
    try:
        from skimage import data
    except ModuleNotFoundError:
        raise TrainingError(
            "the photographs are scikit-image's, which is not installed: python -m pip install scikit-image, "
            "or give a folder of your own"
        ) from None
    images = {"astronaut": data.astronaut, "coffee": data.coffee, "rocket": data.rocket, "cat": data.chelsea}
    return [Photo(name, torch.from_numpy(read()).movedim(-1, 0).contiguous()) for name, read in images.items()]
