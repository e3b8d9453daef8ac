# SPDX-License-Identifier: Apache-2.0
"""Reading and writing of image files. Pillow is imported at the first call."""

from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal._check import check_count, check_tensor
from foveal._files import written_whole


class ImageLoadType(Enum):
    """What an image file is read as: channels and bits of a value, or as it is."""

    UNCHANGED = 0
    GRAY8 = 1
    RGB8 = 2
    RGBA8 = 3
    GRAY32 = 4
    RGB32 = 5


# Formats by name, with the channels that each dtype may have.
_KINDS: dict[str, dict[torch.dtype, tuple[int, ...]]] = {
    "JPEG": {torch.uint8: (1, 3)},
    "PNG": {torch.uint8: (1, 3, 4), torch.uint16: (1,)},
    "TIFF": {torch.uint8: (1, 3), torch.uint16: (1,), torch.float32: (1,)},
}
_FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "tif": "TIFF", "tiff": "TIFF"}


def load_image(
    path_file: str | Path,
    desired_type: ImageLoadType = ImageLoadType.RGB32,
    device: str | torch.device | None = "cpu",
) -> Tensor:
    """Read an image file.

    Args:
        path_file: a file that Pillow reads.
        desired_type: 1, 3 or 4 channels as bytes, or 1 or 3 as float32 in [0, 1]; `UNCHANGED` keeps channels and dtype
            of the file, a palette's indices too.
        device: where the tensor goes.

    Returns:
        Image (C, H, W), RGB, alpha last. Without alpha in the result it is blended over white. Grey is luma (ITU-R
        BT.601). The orientation that EXIF may give is not applied.

    Raises:
        ImportError: Pillow is not installed.
        TypeError: `desired_type` is not an `ImageLoadType`.
        OSError: the file cannot be read.
        ValueError: the file is no image, is damaged, or has pixels of another kind than was asked for.

    >>> load_image("no such file.png")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'no such file.png'
    """
    if not isinstance(desired_type, ImageLoadType):
        raise TypeError(f"desired_type must be an ImageLoadType, got {type(desired_type).__name__}")
    pillow = import_pillow()
    with Path(path_file).open("rb") as stream:
        try:
            with pillow.open(stream) as opened:
                pixels = _read(opened, desired_type)
        except (pillow.UnidentifiedImageError, OSError, SyntaxError, EOFError) as error:
            raise ValueError(f"{path_file} is no image that can be read: {error}") from error
        except ValueError as error:
            raise ValueError(f"{path_file}: {error}") from error
    tensor = torch.from_numpy(pixels if pixels.ndim == 3 else pixels[..., None]).movedim(-1, 0).contiguous()
    if desired_type in (ImageLoadType.GRAY8, ImageLoadType.GRAY32, ImageLoadType.RGB32):
        tensor = _converted(tensor, desired_type)
    return tensor.to(device)


def write_image(path_file: str | Path, image: Tensor, quality: int = 80) -> None:
    """Write an image file, whole or not at all.

    Args:
        path_file: its extension gives the format: .jpg or .jpeg (bytes, 1 or 3 channels), .png (bytes, 1, 3 or 4, or
            uint16, 1), .tif or .tiff (bytes, 1 or 3, or uint16 or float32, 1).
        image: (C, H, W) or (H, W), RGB, alpha last; written as it is.
        quality: of a JPEG, from 0 to 100.

    Raises:
        ImportError: Pillow is not installed.
        TypeError: `image` is not a tensor, or `quality` not an integer.
        ValueError: an unknown extension, or an image that the format cannot hold.
        OSError: the file cannot be written.

    >>> write_image("image.bmp", torch.zeros(1, 2, 2, dtype=torch.uint8))
    Traceback (most recent call last):
    ValueError: path_file must end in .jpg, .jpeg, .png, .tif, .tiff, got image.bmp
    """
    check_tensor(image, "image")
    check_count(quality, "quality")
    if quality > 100:
        raise ValueError(f"quality must be at most 100, got {quality}")
    path = Path(path_file)
    if path.suffix[1:].lower() not in _FORMATS:
        raise ValueError(f"path_file must end in {', '.join('.' + name for name in _FORMATS)}, got {path_file}")
    format = _FORMATS[path.suffix[1:].lower()]
    kinds = _KINDS[format]
    planes = image[None] if image.ndim == 2 else image
    if planes.ndim != 3 or not planes.numel():
        raise ValueError(f"image must have shape (C, H, W) or (H, W), and a pixel, got {tuple(image.shape)}")
    if planes.shape[0] not in kinds.get(planes.dtype, ()):
        allowed = ", ".join(f"{dtype} with channels {channels}" for dtype, channels in kinds.items())
        raise ValueError(f"image must be {allowed} for {format}, got {planes.dtype} with {planes.shape[0]}")
    pixels = planes.detach().cpu().movedim(0, -1).contiguous().numpy()
    picture = import_pillow().fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    with written_whole(path) as stream:
        picture.save(stream, format=format, **({"quality": quality} if format == "JPEG" else {}))


def import_pillow() -> Any:
    """Return `PIL.Image`, or raise ImportError that says what to install."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise ImportError("image files need Pillow: python -m pip install pillow") from None
    return Image


def _read(opened: Any, kind: ImageLoadType) -> np.ndarray[Any, Any]:
    """Return the pixels of an open file, (H, W) or (H, W, C), of bytes unless they are left unchanged."""
    wide = opened.mode.startswith(("I", "F"))
    squeezed = any(";16" in str(part) for tile in opened.tile for part in tile[3:]) and not wide
    if kind is ImageLoadType.UNCHANGED:
        if squeezed:
            raise ValueError("colours of 16 bits cannot be read unchanged")
        pixels = np.array(opened.convert("L") if opened.mode == "1" else opened)
        return pixels if pixels.dtype.kind != "i" else _as_words(pixels)
    if wide:
        raise ValueError(f"pixels of more than 8 bits (mode {opened.mode}) can be read as UNCHANGED only")
    picture = opened.convert("RGBA" if opened.mode in ("P", "PA") or "transparency" in opened.info else opened.mode)
    if kind is ImageLoadType.RGBA8:
        return np.array(picture.convert("RGBA"))
    if picture.mode in ("RGBA", "LA", "RGBa", "La"):
        values = np.array(picture.convert("RGBA"), np.float64)
        alpha = values[..., 3:] / 255
        return np.rint(values[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    grey = picture.mode in ("L", "1") and kind in (ImageLoadType.GRAY8, ImageLoadType.GRAY32)
    return np.array(picture.convert("L" if grey else "RGB"))


def _as_words(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return integers as uint16 where they fit: some decoders of 16 bits give 32."""
    fits = pixels.size == 0 or (pixels.min() >= 0 and pixels.max() <= 65535)
    return pixels.astype(np.uint16) if fits else pixels


def _converted(pixels: Tensor, kind: ImageLoadType) -> Tensor:
    from foveal.color import rgb_to_grayscale

    if kind is not ImageLoadType.GRAY8:
        pixels = pixels.float() / 255
    return rgb_to_grayscale(pixels) if kind is not ImageLoadType.RGB32 and pixels.shape[0] == 3 else pixels
