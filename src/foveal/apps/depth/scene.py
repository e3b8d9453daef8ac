# SPDX-License-Identifier: Apache-2.0
"""Scenes: calibrated images, read from a folder."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.apps.depth import colmap
from foveal.apps.depth.views import View
from foveal.apps.photo import PhotoError, read_picture

__all__ = ["Scene", "SceneError", "View", "read_scene"]

# Without a range, depths are searched from a disparity of a third of the image's width down to half a pixel.
LARGEST_SHARE, SMALLEST = 1 / 3, 0.5


class SceneError(Exception):
    """A scene that no depth can be found of; the message says why."""


@dataclass(frozen=True)
class Scene:
    """Views of one scene, the first one that whose depth is wanted.

    Args:
        views: the views.
        depth_range: the least and the largest depth, or `None`.
    """

    views: list[View]
    depth_range: tuple[float, float] | None = None

    def depths(self) -> tuple[float, float]:
        """Return the range of depths to search, guessed from the distance of the views where none is known.

        Raises:
            SceneError: the views are so close together that depth moves nothing from one to another.
        """
        first = self.views[0]
        centres = torch.stack([_centre(view.pose) for view in self.views])
        baseline = float((centres[1:] - centres[0]).norm(dim=-1).max())
        product = float(first.calibration[0, 0]) * baseline
        widest = LARGEST_SHARE * first.image.shape[-1]
        near, far = self.depth_range or (product / widest, product / SMALLEST)
        if not product > 0 or product / near < SMALLEST:
            raise SceneError("all views were taken from one place, or nearly so: no depth can be seen")
        if near < 1 / colmap.LARGEST or far > colmap.LARGEST:
            raise SceneError(
                f"depths must be from {1 / colmap.LARGEST:g} to {colmap.LARGEST:g}, got {near:g} to {far:g}: "
                "take another unit"
            )
        return near, far


def read_scene(folder: Path, reference: str | None = None, leave_out: Callable[[str], object] | None = None) -> Scene:
    """Read a scene: `scene.json`, or the text files of a COLMAP model, with its images.

    Args:
        folder: holds `scene.json`, or `cameras.txt` and `images.txt` (also in `sparse/0` or `sparse`).
        reference: name of the image whose depth is wanted, by default the first one.
        leave_out: told why the image of a view other than the reference cannot be read; the scene then does without
            that view. By default such an image is an error.

    Raises:
        SceneError: a file is missing, cannot be read, or says what cannot be.
    """
    if not folder.is_dir():
        raise SceneError(f"{folder} is not a folder")
    if (folder / "scene.json").is_file():
        entries, depth_range, first = _read_json(folder / "scene.json")
        entries = _ordered(entries, first if reference is None else reference, folder)
    else:
        places = [folder, folder / "sparse" / "0", folder / "sparse"]
        model = next((p for p in places if (p / "cameras.txt").is_file() and (p / "images.txt").is_file()), None)
        if model is None:
            raise SceneError(f"{folder} holds neither scene.json nor cameras.txt and images.txt")
        try:
            entries = _ordered(colmap.read_model(model), reference, folder)
            depth_range = colmap.read_depth_range(model / "points3D.txt", entries[0])
        except (ValueError, OSError) as error:
            raise SceneError(f"{model}: {error}") from None
    views = list[View]()
    for entry in entries:
        try:
            pixels = _read_image(entry.name, [folder / "images", folder], entry.size)
        except SceneError as error:
            if leave_out is None or not views:
                raise
            leave_out(str(error))
        else:
            views.append(View(entry.name, pixels, _matrix(entry.calibration), _matrix(entry.pose)))
    if len(views) < 2:
        raise SceneError(f"depth needs two views at least, of {folder} only {views[0].name} can be read")
    return Scene(views, depth_range)


def _ordered(entries: list[colmap.Entry], reference: str | None, folder: Path) -> list[colmap.Entry]:
    """Put the reference first."""
    if len(entries) < 2:
        raise SceneError(f"depth needs two views at least, {folder} has {len(entries)}")
    names = [entry.name for entry in entries]
    if reference is not None and reference not in names:
        raise SceneError(f"there is no image {reference}; there are {', '.join(names)}")
    return sorted(entries, key=lambda entry: reference is not None and entry.name != reference)


def _read_json(path: Path) -> tuple[list[colmap.Entry], tuple[float, float] | None, str | None]:
    """Read the views, the range of depths and the name of the reference."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SceneError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("views"), list):
        raise SceneError(f"{path} must be an object with a list of views")
    entries = [_entry(view, f"{path}, view {index + 1}") for index, view in enumerate(content["views"])]
    reference = content.get("reference")
    if reference is not None and not isinstance(reference, str):
        raise SceneError(f"{path}: reference must be the name of an image")
    limits = content.get("depth_range")
    if limits is None:
        return entries, None, reference
    near, far = _numbers(limits, (2,), f"{path}: depth_range").tolist()
    if not 0 < near < far:
        raise SceneError(f"{path}: depth_range must be [near, far] with 0 < near < far, got {limits}")
    return entries, (near, far), reference


def _entry(view: Any, where: str) -> colmap.Entry:
    if not isinstance(view, dict) or not isinstance(view.get("image"), str):
        raise SceneError(f"{where}: must be an object with the name of an image")
    calibration = view.get("intrinsics")
    if isinstance(calibration, list) and any(isinstance(row, list) for row in calibration):
        matrix = _numbers(calibration, (3, 3), f"{where}: intrinsics")
    else:
        fx, fy, cx, cy = _numbers(calibration, (4,), f"{where}: intrinsics")
        matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    if not (matrix[0, 0] > 0 and matrix[1, 1] > 0 and np.allclose(matrix[2], [0, 0, 1]) and matrix[1, 0] == 0):
        raise SceneError(f"{where}: intrinsics must be [fx, fy, cx, cy] or a calibration matrix, got {calibration}")
    pose = _numbers(view.get("world_to_camera"), (4, 4), f"{where}: world_to_camera")
    rotation = pose[:3, :3]
    turned = np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3) and np.linalg.det(rotation) > 0
    if not turned or not np.allclose(pose[3], [0, 0, 0, 1]):
        raise SceneError(f"{where}: world_to_camera is not a rigid motion")
    return colmap.Entry(view["image"], matrix, pose, None)


def _numbers(values: Any, shape: Sequence[int], what: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.empty(0)
    if array.shape != tuple(shape) or not (np.abs(array) <= colmap.LARGEST).all():
        size = " x ".join(map(str, shape))
        raise SceneError(f"{what} must be {size} numbers of at most {colmap.LARGEST:g}, got {str(values)[:80]}")
    return array


def _read_image(name: str, roots: list[Path], size: tuple[int, int] | None) -> Tensor:
    """Read an image of one of the folders, of the size (columns, rows) where that is known."""
    try:
        path = next((root / name for root in roots if (root / name).is_file()), None)
        if path is None:
            raise SceneError(f"the image {roots[-1] / name} is missing")
        # The calibration is that of the pixels as they are stored.
        pixels = read_picture(path, upright=False)
    except PhotoError as error:
        raise SceneError(str(error)) from None
    # A name can be one that no file can have.
    except OSError as error:
        raise SceneError(f"the image {name[:80]}: {error.strerror}") from None
    rows, columns = pixels.shape[1:]
    if size is not None and size != (columns, rows):
        raise SceneError(f"{path} has {columns} x {rows} pixels, its camera {size[0]} x {size[1]}")
    if min(rows, columns) < 16:
        raise SceneError(f"{path} has {columns} x {rows} pixels, 16 x 16 are the least")
    return pixels


def _matrix(values: np.ndarray[Any, Any]) -> Tensor:
    return torch.from_numpy(np.array(values, dtype=np.float64)).float()


def _centre(pose: Tensor) -> Tensor:
    return -(pose[:3, :3].T @ pose[:3, 3])
