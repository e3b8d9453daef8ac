# SPDX-License-Identifier: Apache-2.0
"""COLMAP's sparse models as text: cameras.txt, images.txt, and points3D.txt for the range of depths."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from foveal.geometry.conversions import quaternion_to_rotation_matrix

# Places of fx, fy, cx, cy among the parameters of each model without distortion.
MODELS = {"SIMPLE_PINHOLE": (0, 0, 1, 2), "PINHOLE": (0, 1, 2, 3)}
# The range of depths is that of the points, some wrong ones apart, and this much more.
TRIMMED, MARGIN = 1.0, 1.25
# Of numbers no larger, and no smaller than one over it, float32 holds the products that depth needs.
LARGEST = 1e12


@dataclass(frozen=True)
class Entry:
    """A view before its image is read.

    Args:
        name: of the image.
        calibration: 3 x 3.
        pose: from the world to the camera, 4 x 4.
        size: columns and rows, if known.
        points: labels of the points that it shows, if known.
    """

    name: str
    calibration: np.ndarray[Any, np.dtype[np.float64]]
    pose: np.ndarray[Any, np.dtype[np.float64]]
    size: tuple[int, int] | None
    points: frozenset[str] = field(default=frozenset())


def read_model(folder: Path) -> list[Entry]:
    """Read the cameras and the images of a model, in the order of their names.

    Raises:
        ValueError: a line cannot be read, or a camera has distortion.
        OSError: a file cannot be read.
    """
    cameras: dict[str, tuple[np.ndarray[Any, Any], tuple[int, int]]] = {}
    for line in _lines(folder / "cameras.txt"):
        if line.strip():
            label, matrix, size = _camera(line)
            cameras[label] = matrix, size
    entries: list[Entry] = []
    lines = iter(_lines(folder / "images.txt"))
    for line in lines:
        if not line.strip():
            continue
        words = line.split(maxsplit=9)
        if len(words) != 10:
            raise ValueError(f"images.txt has a line that is no image: {line[:60]}")
        if words[8] not in cameras:
            raise ValueError(f"cameras.txt has no camera {words[8]}, which {words[9].strip()} was taken with")
        values = _floats(words[1:8], f"images.txt has a pose that is not of finite numbers: {line[:60]}")
        pose = np.eye(4)
        if not any(values[:4]):
            raise ValueError(f"images.txt has a quaternion of zeros, which is no rotation: {line[:60]}")
        pose[:3, :3] = quaternion_to_rotation_matrix(torch.tensor([values[:4]], dtype=torch.float64))[0].numpy()
        pose[:3, 3] = values[4:]
        # The line after that of an image holds the points that it shows as x, y, label, and may be empty.
        points = frozenset(next(lines, "").split()[2::3]) - {"-1"}
        matrix, size = cameras[words[8]]
        entries.append(Entry(words[9].strip(), matrix, pose, size, points))
    return sorted(entries, key=lambda entry: entry.name)


def read_depth_range(path: Path, entry: Entry) -> tuple[float, float] | None:
    """Return the range of the depths of the points that a view shows, or of all where it is not known which.

    Args:
        path: points3D.txt; the range is `None` where it is missing, or holds no point ahead of the view.
        entry: the view.

    Raises:
        ValueError: a line cannot be read.
        OSError: the file cannot be read.
    """
    if not path.is_file():
        return None
    rows: dict[str, list[float]] = {}
    for line in _lines(path):
        if words := line.split():
            what = f"points3D.txt has a line that is no point: {line[:60]}"
            if len(words) < 4:
                raise ValueError(what)
            rows[words[0]] = _floats(words[1:4], what)
    shown = [row for label, row in rows.items() if label in entry.points] or list(rows.values())
    depths = np.array(shown).reshape(-1, 3) @ entry.pose[2, :3] + entry.pose[2, 3]
    depths = depths[depths > 0]
    if depths.size == 0:
        return None
    near, far = np.percentile(depths, [TRIMMED, 100 - TRIMMED])
    return float(near / MARGIN), float(far * MARGIN)


def _camera(line: str) -> tuple[str, np.ndarray[Any, np.dtype[np.float64]], tuple[int, int]]:
    """Read the label, the calibration and the size (columns, rows) of a camera."""
    what = f"cameras.txt has a line that is no camera: {line[:60]}"
    words = line.split()
    if len(words) < 4 or not (words[2].isdecimal() and words[3].isdecimal()):
        raise ValueError(what)
    label, model, width, height, *parameters = words
    if model not in MODELS:
        raise ValueError(
            f"camera {label} is a {model}, it must be one of {', '.join(MODELS)}: "
            "undistort the images first (colmap image_undistorter)"
        )
    values = _floats(parameters, what)
    if len(values) != len(set(MODELS[model])):
        raise ValueError(f"camera {label} must have {len(set(MODELS[model]))} parameters, got {len(values)}")
    fx, fy, cx, cy = (values[place] for place in MODELS[model])
    if not (fx > 0 and fy > 0):
        raise ValueError(f"camera {label} must have positive focal lengths, got {fx:g} and {fy:g}")
    # COLMAP's pixel centres are half way between integers.
    return label, np.array([[fx, 0, cx - 0.5], [0, fy, cy - 0.5], [0, 0, 1]]), (int(width), int(height))


def _floats(words: list[str], what: str) -> list[float]:
    """Return numbers that are neither too large nor NaN, or raise a ValueError with this message."""
    try:
        values = [float(word) for word in words]
    except ValueError:
        raise ValueError(what) from None
    if not all(abs(value) <= LARGEST for value in values):
        raise ValueError(what)
    return values


def _lines(path: Path) -> list[str]:
    """Return the lines of a file that are no comments."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
