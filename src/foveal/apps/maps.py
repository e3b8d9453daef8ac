# SPDX-License-Identifier: Apache-2.0
"""Confidence maps read from arrays, tensors and images.

Nothing is unpickled: a file that holds anything but numbers is refused.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


class UnreadableError(Exception):
    """A file that does not hold maps; the message says why."""


class Maps(NamedTuple):
    """The maps of one array.

    Args:
        name: of the array inside its file; empty where a file holds just one.
        values: (samples, channels, height, width), float32.
    """

    name: str
    values: Float[Tensor, "samples channels height width"]


def read_maps(path: Path) -> list[Maps]:
    """Read all maps of a file.

    Args:
        path: `.npy`, `.npz`, `.pt` or `.pth` (a tensor, or a dict or list of tensors), each array as (height, width),
            (channels, height, width) or (samples, channels, height, width); or an image that Pillow opens, whose
            channels are the maps and whose frames the samples. 8-bit and 16-bit unsigned integers are scaled to [0, 1].

    Raises:
        UnreadableError: the file is missing, broken, or holds something other than finite maps.
    """
    if path.is_dir():
        raise UnreadableError("is a folder; name the files in it")
    try:
        found = list(_READERS.get(path.suffix.lower(), _read_image)(path))
    except UnreadableError:
        raise
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error
    # Decoders meet files of any origin here, and raise whatever their parser stumbled over.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UnreadableError(f"cannot be read: {reason}") from error
    if not found:
        raise UnreadableError("holds no arrays")
    return [Maps(name, _as_maps(name, values)) for name, values in found]


def _as_maps(name: str, values: Any) -> Float[Tensor, "samples channels height width"]:
    label = f"array {name!r}" if name else "the array"
    tensor = values if isinstance(values, Tensor) else _as_tensor(label, values)
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex():
        raise UnreadableError(f"{label} must hold plain real numbers, got {tensor.dtype}, {tensor.layout}")
    if not 2 <= tensor.ndim <= 4:
        shape = "(h, w), (channels, h, w) or (samples, channels, h, w)"
        raise UnreadableError(f"{label} must have shape {shape}, got {tuple(tensor.shape)}")
    if tensor.numel() == 0:
        raise UnreadableError(f"{label} is empty: its shape is {tuple(tensor.shape)}")
    largest = {torch.uint8: 255, torch.uint16: 65535}.get(tensor.dtype, 1)
    maps = tensor.detach().to(torch.float32).div(largest)
    broken = maps.numel() - int(maps.isfinite().sum())
    if broken:
        raise UnreadableError(f"{label} holds NaN, infinity or numbers beyond float32 in {broken:,} places")
    return maps[(None,) * (4 - maps.ndim)].contiguous()


def _as_tensor(label: str, array: Any) -> Tensor:
    if array.dtype.kind not in "fiub":
        raise UnreadableError(f"{label} must hold real numbers, got dtype {array.dtype}")
    # float128 and byte orders other than the machine's have no twin among tensors.
    wide = array.dtype.kind == "f" and array.dtype.itemsize > 8
    dtype = np.dtype(np.float64) if wide else array.dtype.newbyteorder("=")
    return torch.from_numpy(np.ascontiguousarray(array, dtype))


def _read_npy(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as file:
        if file.read(6) != b"\x93NUMPY":
            raise UnreadableError("is not a .npy file")
        file.seek(0)
        yield "", np.load(file, allow_pickle=False)


def _read_npz(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            raise UnreadableError("is not a .npz file")
        file.seek(0)
        with np.load(file, allow_pickle=False) as archive:
            for name in archive.files:
                array = archive[name]
                if not isinstance(array, np.ndarray):
                    raise UnreadableError(f"array {name!r} is not a .npy file")
                yield name, array


def _read_torch(path: Path) -> Iterator[tuple[str, Any]]:
    content = torch.load(path, map_location="cpu", weights_only=True)
    if isinstance(content, Tensor):
        content = {"": content}
    elif isinstance(content, list | tuple):
        content = dict(enumerate(content))
    if not isinstance(content, dict):
        raise UnreadableError(f"must hold a tensor, or a dict or list of tensors, got {type(content).__name__}")
    for name, value in content.items():
        if not isinstance(value, Tensor):
            raise UnreadableError(f"must hold tensors only, got {type(value).__name__} under {name!r}")
        yield str(name), value


def _read_image(path: Path) -> Iterator[tuple[str, Any]]:
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            frames = [_pixels(frame) for frame in ImageSequence.Iterator(image)]
    except UnidentifiedImageError:
        raise UnreadableError("is neither .npy, .npz, .pt nor an image") from None
    if len({(frame.shape, frame.dtype) for frame in frames}) > 1:
        raise UnreadableError("has frames of different sizes or modes")
    yield "", np.stack(frames)


def _pixels(frame: Any) -> Any:
    """Return (channels, height, width); the numbers of a palette's image are names of colours, not values."""
    if frame.mode in ("P", "PA"):
        frame = frame.convert("RGBA" if frame.mode == "PA" or "transparency" in frame.info else "RGB")
    pixels = np.asarray(frame)
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


_READERS: dict[str, Callable[[Path], Iterator[tuple[str, Any]]]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".pt": _read_torch,
    ".pth": _read_torch,
}
