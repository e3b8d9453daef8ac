# SPDX-License-Identifier: Apache-2.0
"""Clouds of points as PLY files."""

import os
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._files import written_whole

__all__ = [
    "load_pointcloud_ply",
    "load_pointcloud_ply_binary",
    "save_pointcloud_ply",
    "save_pointcloud_ply_binary",
]

_TYPES = {
    **dict.fromkeys(("char", "int8"), "i1"), **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"), **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"), **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"), **dict.fromkeys(("double", "float64"), "f8"),
}  # fmt: skip

_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}


class _Element(NamedTuple):
    """An element of the header: its name, the number of them, and its properties by name and type."""

    name: str
    number: int
    properties: list[tuple[str, str]]


def save_pointcloud_ply(filename: str | os.PathLike[str], pointcloud: Float[Tensor, "*batch 3"]) -> None:
    """Write points to a PLY file of text, whole or not at all.

    Args:
        filename: ends in .ply, in any case.
        pointcloud: points (x, y, z), (*, 3) with two dimensions or more.

    Raises:
        TypeError: `filename` has another extension, or `pointcloud` is not a floating-point tensor.
        ValueError: `pointcloud` has another shape.
        OSError: the file cannot be written.

    Convention: coordinates are "double", each by the shortest text that gives it back.

    >>> save_pointcloud_ply("points.txt", torch.zeros(1, 3))
    Traceback (most recent call last):
    TypeError: filename must end in .ply, got points.txt

    Source: Turk 1994, "The PLY polygon file format".
    """
    path, points = _checked(filename, pointcloud)
    text = "".join(f"{x!r} {y!r} {z!r}\n" for x, y, z in points.tolist())
    with written_whole(path) as stream:
        stream.write(_header("ascii", len(points)) + text.encode("ascii"))


def save_pointcloud_ply_binary(filename: str | os.PathLike[str], pointcloud: Float[Tensor, "*batch 3"]) -> None:
    """Write points to a binary PLY file, whole or not at all.

    Args:
        filename: ends in .ply, in any case.
        pointcloud: points (x, y, z), (*, 3) with two dimensions or more.

    Raises:
        TypeError: `filename` has another extension, or `pointcloud` is not a floating-point tensor.
        ValueError: `pointcloud` has another shape.
        OSError: the file cannot be written.

    Convention: coordinates are "double", the least byte first.

    >>> save_pointcloud_ply_binary("points.txt", torch.zeros(1, 3))
    Traceback (most recent call last):
    TypeError: filename must end in .ply, got points.txt

    Source: Turk 1994, "The PLY polygon file format".
    """
    path, points = _checked(filename, pointcloud)
    with written_whole(path) as stream:
        stream.write(_header("binary_little_endian", len(points)) + points.astype("<f8").tobytes())


def load_pointcloud_ply(filename: str | os.PathLike[str], header_size: int | None = None) -> Float[Tensor, "points 3"]:
    """Read the points of a PLY file of text.

    Args:
        filename: ends in .ply, in any case.
        header_size: has no effect: the header says where it ends.

    Returns:
        The properties x, y and z of the vertices, whatever else the file holds, as float32 (N, 3).

    Raises:
        TypeError: `filename` has another extension.
        OSError: the file cannot be read.
        ValueError: it is no such file, or holds fewer vertices than it says, or lists among their properties.

    >>> load_pointcloud_ply("points.txt")
    Traceback (most recent call last):
    TypeError: filename must end in .ply, got points.txt
    """
    path = _path(filename)
    with path.open("rb") as stream:
        format, elements = _read_header(stream, path)
        if format != "ascii":
            raise ValueError(f"{path} is binary: load_pointcloud_ply_binary reads it")
        before, vertices, columns = _vertices(elements, path)
        lines = stream.read().splitlines()
    lines = [line for line in lines if line.strip()][sum(element.number for element in before) :][: vertices.number]
    if len(lines) < vertices.number:
        raise ValueError(f"{path} must hold {vertices.number} vertices, got {len(lines)}")
    try:
        points = [[float(values[column]) for column in columns] for values in map(bytes.split, lines)]
    except (ValueError, IndexError) as error:
        raise ValueError(f"{path} holds a vertex that cannot be read: {error}") from error
    return torch.tensor(points, dtype=torch.float32).view(-1, 3)


def load_pointcloud_ply_binary(
    filename: str | os.PathLike[str], header_size: int | None = None
) -> Float[Tensor, "points 3"]:
    """Read the points of a binary PLY file, of either byte order.

    Args:
        filename: ends in .ply, in any case.
        header_size: has no effect: the header says where it ends.

    Returns:
        The properties x, y and z of the vertices, whatever else the file holds, as float32 (N, 3).

    Raises:
        TypeError: `filename` has another extension.
        OSError: the file cannot be read.
        ValueError: it is no such file, or holds fewer vertices than it says, or lists before the end of the vertices.

    >>> load_pointcloud_ply_binary("points.txt")
    Traceback (most recent call last):
    TypeError: filename must end in .ply, got points.txt
    """
    path = _path(filename)
    with path.open("rb") as stream:
        format, elements = _read_header(stream, path)
        if format == "ascii":
            raise ValueError(f"{path} is text: load_pointcloud_ply reads it")
        before, vertices, _ = _vertices(elements, path)
        order = _ORDERS[format]
        stream.seek(sum(element.number * _layout(element, order, path).itemsize for element in before), os.SEEK_CUR)
        layout = _layout(vertices, order, path)
        content = stream.read(vertices.number * layout.itemsize)
    if len(content) < vertices.number * layout.itemsize:
        raise ValueError(f"{path} must hold {vertices.number} vertices, got {len(content) // layout.itemsize}")
    table = np.frombuffer(content, layout, vertices.number)
    return torch.from_numpy(np.stack([table[axis].astype(np.float32) for axis in "xyz"], axis=-1))


def _checked(filename: str | os.PathLike[str], pointcloud: Tensor) -> tuple[Path, np.ndarray[Any, Any]]:
    path = _path(filename)
    check_floating(pointcloud, "pointcloud")
    check_shape(pointcloud, "pointcloud", "*", "N", 3)
    return path, pointcloud.detach().cpu().double().reshape(-1, 3).numpy()


def _path(filename: str | os.PathLike[str]) -> Path:
    if not isinstance(filename, str | os.PathLike):
        raise TypeError(f"filename must be a path, got {type(filename).__name__}")
    if Path(filename).suffix.lower() != ".ply":
        raise TypeError(f"filename must end in .ply, got {os.fspath(filename)}")
    return Path(filename)


def _header(format: str, count: int) -> bytes:
    properties = "".join(f"property double {axis}\n" for axis in "xyz")
    return f"ply\nformat {format} 1.0\nelement vertex {count}\n{properties}end_header\n".encode("ascii")


def _read_header(stream: BinaryIO, path: Path) -> tuple[str, list[_Element]]:
    """Read up to the end of the header; return the format and the elements."""
    if stream.readline(16).strip() != b"ply":
        raise ValueError(f"{path} is no PLY file: it does not begin with 'ply'")
    format, elements = "", []
    while (line := stream.readline(4096)).strip() != b"end_header":
        if not line:
            raise ValueError(f"{path} has no end_header")
        words = line.decode("ascii", "replace").split()
        match words:
            case ["format", name, _] if name in _ORDERS:
                format = name
            case ["element", name, count] if count.isdecimal():
                elements.append(_Element(name, int(count), []))
            case ["property", "list", _, _, name] if elements:
                elements[-1].properties.append((name, "list"))
            case ["property", kind, name] if elements and kind in _TYPES:
                elements[-1].properties.append((name, _TYPES[kind]))
            case [] | ["comment" | "obj_info", *_]:
                pass
            case _:
                raise ValueError(f"{path} has a header line that cannot be read: {line!r}")
    if not format:
        raise ValueError(f"{path} says no format")
    return format, elements


def _vertices(elements: list[_Element], path: Path) -> tuple[list[_Element], _Element, list[int]]:
    """Return the elements before the vertices, the vertices, and the columns of x, y and z."""
    place = next((number for number, element in enumerate(elements) if element.name == "vertex"), None)
    if place is None:
        raise ValueError(f"{path} has no vertices")
    names = [name for name, _ in elements[place].properties]
    if any(axis not in names for axis in "xyz"):
        raise ValueError(f"{path} has vertices without x, y and z, got {', '.join(names)}")
    if any(kind == "list" for _, kind in elements[place].properties):
        raise ValueError(f"{path} has lists among the properties of its vertices")
    return elements[:place], elements[place], [names.index(axis) for axis in "xyz"]


def _layout(element: _Element, order: str, path: Path) -> np.dtype[Any]:
    if any(kind == "list" for _, kind in element.properties):
        raise ValueError(f"{path} has lists before its vertices, which have no known length")
    return np.dtype([(name, order + kind) for name, kind in element.properties])
