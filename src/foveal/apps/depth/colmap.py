# SPDX-License-Identifier: Apache-2.0
"""COLMAP's sparse models as text: cameras.txt, images.txt, and points3D.txt for the range of depths."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from foveal.geometry.conversions import quaternion_to_rotation_matrix

# Places of fx, fy, cx, cy among the parameters of each model without distortion.
MODELS = {"SIMPLE_PINHOLE": (0, 0, 1, 2), "PINHOLE": (0, 1, 2, 3)}
# The range of depths is that of the points, some wrong ones apart, and this much more.
TRIMMED, MARGIN = 1.0, 1.25


@dataclass(frozen=True)
class Entry:
    """A view before its image is read: name, calibration 3 x 3, pose 4 x 4, and the size (columns, rows) if known."""

    name: str
    calibration: np.ndarray[Any, np.dtype[np.float64]]
    pose: np.ndarray[Any, np.dtype[np.float64]]
    size: tuple[int, int] | None


def read_model(folder: Path) -> tuple[list[Entry], tuple[float, float] | None]:
    """Read a model; the range of depths is `None` where points3D.txt is missing or empty.

    Raises:
        ValueError: a line cannot be read, or a camera has distortion.
        OSError: a file cannot be read.
    """
    cameras: dict[str, tuple[np.ndarray[Any, Any], tuple[int, int]]] = {}
    for line in _lines(folder / "cameras.txt"):
        label, model, width, height, *values = line.split()
        if model not in MODELS:
            raise ValueError(f"camera {label} is a {model}: undistort the images first (colmap image_undistorter)")
        parameters = [float(value) for value in values]
        fx, fy, cx, cy = (parameters[place] for place in MODELS[model])
        # COLMAP's pixel centres are half way between integers.
        matrix = np.array([[fx, 0, cx - 0.5], [0, fy, cy - 0.5], [0, 0, 1]])
        cameras[label] = matrix, (int(width), int(height))
    entries: list[Entry] = []
    # Two lines for each image: the second one holds the points that it shows, and may be empty.
    for line in _lines(folder / "images.txt", every=2):
        values = line.split(maxsplit=9)
        if len(values) != 10 or values[8] not in cameras:
            raise ValueError(f"images.txt has a line that is no image: {line[:60]}")
        quaternion = torch.tensor([[float(value) for value in values[1:5]]], dtype=torch.float64)
        pose = np.eye(4)
        pose[:3, :3] = quaternion_to_rotation_matrix(quaternion)[0].numpy()
        pose[:3, 3] = [float(value) for value in values[5:8]]
        calibration, size = cameras[values[8]]
        entries.append(Entry(values[9].strip(), calibration, pose, size))
    entries.sort(key=lambda entry: entry.name)
    return entries, _depth_range(folder / "points3D.txt", entries)


def _depth_range(path: Path, entries: list[Entry]) -> tuple[float, float] | None:
    """Return the range of the depths of the points in the first view."""
    if not path.is_file() or not entries:
        return None
    points = np.array([[float(value) for value in line.split()[1:4]] for line in _lines(path)]).reshape(-1, 3)
    depths = points @ entries[0].pose[2, :3] + entries[0].pose[2, 3]
    depths = depths[depths > 0]
    if depths.size == 0:
        return None
    near, far = np.percentile(depths, [TRIMMED, 100 - TRIMMED])
    return float(near / MARGIN), float(far * MARGIN)


def _lines(path: Path, every: int = 1) -> list[str]:
    """Return the lines of a file that are no comments, or the first one of every so many."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    if every > 1:
        return [line for line in lines[::every] if line.strip()]
    return [line for line in lines if line.strip()]
