# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from foveal.apps.depth import SceneError, read_scene
from tests.apps.depth.scenes import tilted_plane, write_colmap, write_scene


def test_reads_what_was_written(tmp_path: Path) -> None:
    read, made = read_scene(write_scene(tmp_path)), tilted_plane()[0]
    assert read.depth_range == (2.0, 10.0)
    for found, expected in zip(read.views, made.views, strict=True):
        torch.testing.assert_close(found.image, expected.image, rtol=0, atol=0.002 + 1e-6)
        torch.testing.assert_close(found.calibration, expected.calibration)
        torch.testing.assert_close(found.pose, expected.pose)


def test_reads_a_colmap_model(tmp_path: Path) -> None:
    read, (made, exact) = read_scene(write_colmap(tmp_path)), tilted_plane()
    assert [view.name for view in read.views] == ["0.png", "1.png", "2.png"]
    torch.testing.assert_close(read.views[2].calibration, made.views[2].calibration)
    torch.testing.assert_close(read.views[2].pose, made.views[2].pose)
    assert read.depth_range is not None
    near, far = read.depth_range
    assert near < exact.min() < exact.max() < far


def test_the_reference_comes_first(tmp_path: Path) -> None:
    assert [view.name for view in read_scene(write_scene(tmp_path), "1.png").views] == ["1.png", "0.png", "2.png"]


def changed(folder: Path, **view: Any) -> None:
    content = json.loads((folder / "scene.json").read_text())
    content["views"][0] |= view
    (folder / "scene.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": "none.png"}, "none.png is missing"),
        ({"image": 3}, "view 1: must be an object with the name of an image"),
        ({"intrinsics": [1, 2, 3]}, "intrinsics must be 4 numbers"),
        ({"intrinsics": [-1, 2, 3, 4]}, "intrinsics must be"),
        ({"world_to_camera": [[2, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]}, "not a rigid motion"),
        ({"world_to_camera": None}, "world_to_camera must be 4 x 4 numbers"),
        ({"image": "text.png"}, "text.png is not an image"),
    ],
)
def test_refuses_wrong_views(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    write_scene(tmp_path)
    (tmp_path / "text.png").write_text("no picture")
    changed(tmp_path, **change)
    with pytest.raises(SceneError, match=message):
        read_scene(tmp_path)


def test_refuses_wrong_folders(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="is not a folder"):
        read_scene(tmp_path / "none")
    with pytest.raises(SceneError, match=r"holds neither scene\.json nor"):
        read_scene(tmp_path)
    (tmp_path / "scene.json").write_text("{")
    with pytest.raises(SceneError, match="cannot be read"):
        read_scene(tmp_path)
    (tmp_path / "scene.json").write_text('{"views": []}')
    with pytest.raises(SceneError, match="two views at least"):
        read_scene(tmp_path)
    (tmp_path / "scene.json").write_text('{"views": [], "depth_range": [3, 2]}')
    with pytest.raises(SceneError, match="0 < near < far"):
        read_scene(tmp_path)
    with pytest.raises(SceneError, match=r"no image 7\.png"):
        read_scene(write_scene(tmp_path / "whole"), "7.png")


def test_refuses_models_with_distortion(tmp_path: Path) -> None:
    folder = write_colmap(tmp_path)
    cameras = folder / "sparse" / "0" / "cameras.txt"
    cameras.write_text(cameras.read_text().replace("PINHOLE", "OPENCV"))
    with pytest.raises(SceneError, match="undistort the images first"):
        read_scene(folder)
    (folder / "sparse" / "0" / "images.txt").write_text("1 2 3\n")
    cameras.write_text("1 PINHOLE 48 36 48 48 24 18\n")
    with pytest.raises(SceneError, match="no image"):
        read_scene(folder)
