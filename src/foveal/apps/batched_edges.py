# SPDX-License-Identifier: Apache-2.0
"""Sobel's edges of batches of images, against the libraries that are installed."""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from foveal.apps.stopwatch import median_seconds
from foveal.filters import sobel

Call = Callable[[], Any]

SIZE = 256
BATCHES = (1, 4, 16, 64)


@dataclass(frozen=True)
class Contender:
    """One library.

    Args:
        label: its name as people write it.
        module: what is imported of it.
        prepare: makes the timed call of images (B, 3, H, W), which are brought into the library's layout before; it
            returns magnitudes in foveal's units but for a constant factor, (B, 3, H, W) or images (H, W, 3) in a list.
        factor: which its magnitudes must be multiplied by.
        exact: whether it computes in floats.
    """

    label: str
    module: str
    prepare: Callable[[Tensor], Call]
    factor: float = 1.0
    exact: bool = True


def make_images(photo: Float[Tensor, "3 height width"], batch: int) -> Float[Tensor, "batch 3 size size"]:
    """Return squares out of a photograph, at other places each; a photograph that is too small is repeated."""
    photo = photo.repeat(1, *(-(-SIZE // side) for side in photo.shape[1:]))
    height, width = (side - SIZE for side in photo.shape[1:])
    # Steps that share no factor with most ranges, so that places come late again.
    corners = [(37 * number % (height + 1), 53 * number % (width + 1)) for number in range(batch)]
    return torch.stack([photo[:, top : top + SIZE, left : left + SIZE] for top, left in corners])


def find_contenders() -> dict[str, Contender]:
    """Return foveal and the installed peers, by name."""
    return {name: c for name, c in CONTENDERS.items() if importlib.util.find_spec(c.module) is not None}


def race_edges(
    photo: Float[Tensor, "3 height width"],
    *,
    batches: Sequence[int] = BATCHES,
    seconds: float = 0.05,
    announce: Callable[[str], object] = lambda _: None,
) -> dict[str, list[float]]:
    """Return the seconds of a call, by contender, for each number of images.

    Args:
        photo: RGB in [0, 1].
        batches: numbers of images.
        seconds: for which each contender is called, at the least three times.
        announce: told the name of each step as it begins.
    """
    contenders = find_contenders()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for batch in batches:
        announce(f"Find edges of {batch} images")
        images = make_images(photo, batch)
        for name, contender in contenders.items():
            call = contender.prepare(images)
            call()
            times[name].append(median_seconds(call, seconds=seconds))
    return times


def _as_rows(images: Tensor) -> list[np.ndarray]:
    return [np.ascontiguousarray(image) for image in images.movedim(1, -1).numpy()]


def _foveal(images: Tensor) -> Call:
    return lambda: sobel(images)


def _opencv(images: Tensor) -> Call:
    cv2 = importlib.import_module("cv2")
    cv2.setNumThreads(torch.get_num_threads())
    border, rows = cv2.BORDER_REPLICATE, _as_rows(images)

    def edges(image: np.ndarray) -> np.ndarray:
        across = cv2.Sobel(image, cv2.CV_32F, 1, 0, scale=1 / 8, borderType=border)
        return cv2.magnitude(across, cv2.Sobel(image, cv2.CV_32F, 0, 1, scale=1 / 8, borderType=border))

    return lambda: [edges(image) for image in rows]


def _pillow(images: Tensor) -> Call:
    image, image_filter = importlib.import_module("PIL.Image"), importlib.import_module("PIL.ImageFilter")
    pictures = [image.fromarray((row * 255).round().astype(np.uint8)) for row in _as_rows(images)]
    # It has bytes alone and cuts them off at zero: slopes are kept as bytes around 128.
    stencil = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    kernels = [image_filter.Kernel((3, 3), stencil_.ravel().tolist(), 8, 128) for stencil_ in (stencil, stencil.T)]

    def edges(picture: Any) -> np.ndarray:
        x, y = (np.asarray(picture.filter(kernel), np.float32) - 128 for kernel in kernels)
        return np.hypot(x, y) / 255

    return lambda: [edges(picture) for picture in pictures]


def _planes(images: Tensor, edges: Callable[[np.ndarray], np.ndarray]) -> Call:
    """Call a library that knows grey images only on each channel."""
    planes = images.numpy()
    return lambda: [[edges(plane) for plane in image] for image in planes]


def _scikit_image(images: Tensor) -> Call:
    return _planes(images, importlib.import_module("skimage.filters").sobel)


def _scipy(images: Tensor) -> Call:
    filter_sobel = importlib.import_module("scipy.ndimage").sobel

    def edges(plane: np.ndarray) -> np.ndarray:
        return np.hypot(filter_sobel(plane, 0, mode="nearest"), filter_sobel(plane, 1, mode="nearest"))

    return _planes(images, edges)


def _kornia(images: Tensor) -> Call:
    filters = importlib.import_module("kornia").filters
    return lambda: filters.sobel(images)


CONTENDERS: dict[str, Contender] = {
    "foveal": Contender("foveal", "foveal", _foveal),
    "kornia": Contender("Kornia", "kornia", _kornia),
    "opencv": Contender("OpenCV", "cv2", _opencv),
    "pillow": Contender("Pillow", "PIL", _pillow, exact=False),
    "scikit-image": Contender("scikit-image", "skimage", _scikit_image, factor=2**-0.5),
    "scipy": Contender("SciPy", "scipy", _scipy, factor=1 / 8),
}
