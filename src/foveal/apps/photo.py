# SPDX-License-Identifier: Apache-2.0
"""The photograph that the report works on."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


class PhotoError(Exception):
    """There is no photograph to work on; the message says why and what to do."""


class Photo(NamedTuple):
    """A colour photograph.

    Args:
        name: for captions.
        colours: RGB in [0, 1], (3, height, width).
    """

    name: str
    colours: Float[Tensor, "3 height width"]

    @property
    def grey(self) -> Float[Tensor, "height width"]:
        """Luma of the photograph (ITU-R BT.601)."""
        return (self.colours * self.colours.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=0)


def read_photo(path: Path | None = None, *, smallest: int = 128, largest: int = 1024) -> Photo:
    """Read a photograph.

    Args:
        path: an image file; `None` takes the portrait of Eileen Collins (NASA, public domain) out of scikit-image.
        smallest: the least that its shorter side may have, in pixels.
        largest: its longer side is reduced to this many pixels.

    Raises:
        PhotoError: the file is no image, or too small; or scikit-image is not installed.
    """
    from PIL import Image, UnidentifiedImageError

    if path is None:
        try:
            from skimage.data import astronaut
        except ModuleNotFoundError:
            raise PhotoError(
                "the photograph is scikit-image's, which is not installed: python -m pip install scikit-image, "
                "or give a photograph of your own by --photo FILE"
            ) from None
        name, image = "portrait of the astronaut Eileen Collins", Image.fromarray(astronaut())
    else:
        try:
            with Image.open(path) as opened:
                name, image = path.name, opened.convert("RGB")
        except UnidentifiedImageError:
            raise PhotoError(f"{path} is not an image") from None
        except (OSError, Image.DecompressionBombError) as error:
            raise PhotoError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    image.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    if min(image.size) < smallest:
        raise PhotoError(
            f"{path} must have at least {smallest} x {smallest} pixels, got {image.width} x {image.height}"
        )
    pixels = np.asarray(image, np.float32) / 255
    return Photo(name, torch.from_numpy(pixels).movedim(-1, 0).contiguous())
