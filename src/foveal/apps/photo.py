# SPDX-License-Identifier: Apache-2.0
"""Pictures of the user's, as the applications read them, and the photograph that the report works on."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

# Of integers, whose full range is white; files of 16 bits are opened with 32 by some decoders.
WHITE = 65535


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
    from PIL import Image

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
        name, pixels = path.name, (read_picture(path) * 255).round().byte()
        image = Image.fromarray(pixels.movedim(0, -1).contiguous().numpy())
    image.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    if min(image.size) < smallest:
        raise PhotoError(
            f"{path} must have at least {smallest} x {smallest} pixels, got {image.width} x {image.height}"
        )
    pixels = np.asarray(image, np.float32) / 255
    return Photo(name, torch.from_numpy(pixels).movedim(-1, 0).contiguous())


def read_picture(path: Path, *, upright: bool = True) -> Float[Tensor, "3 height width"]:
    """Read an image file as RGB in [0, 1].

    Args:
        path: any file that Pillow opens; of several frames the first. What is transparent is laid over white, and grey
            of 16 bits keeps them.
        upright: turn it as its EXIF orientation says; else pixels stay as they are stored.

    Raises:
        PhotoError: the file cannot be read as an image.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            pixels = _colours(ImageOps.exif_transpose(opened) if upright else opened)
    except UnidentifiedImageError:
        raise PhotoError(f"{path} is not an image") from None
    except (OSError, Image.DecompressionBombError) as error:
        raise PhotoError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    # Decoders meet files of any origin here, and raise whatever their parser stumbled over.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise PhotoError(f"{path} cannot be read: {reason}") from error
    return pixels.movedim(-1, 0).contiguous()


def _colours(picture: Any) -> Float[Tensor, "height width 3"]:
    """Return the pixels of an opened image."""
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, np.float64) / (1 if picture.mode == "F" else WHITE)
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
            kind = "floats must be in [0, 1]" if picture.mode == "F" else "integers must have 16 bits at most"
            raise ValueError(f"its pixels have a range that is not known; {kind}")
        return torch.from_numpy(values.astype(np.float32))[..., None].expand(-1, -1, 3)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return torch.from_numpy(np.array(picture.convert("RGB"), np.float32)) / 255
