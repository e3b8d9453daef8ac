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
        ({"world_to_camera": [[1, 0], [0]]}, "world_to_camera must be 4 x 4 numbers"),
        ({"intrinsics": [[48, 0, 24], [0, 48], [0, 0, 1]]}, "intrinsics must be 3 x 3 numbers"),
        ({"intrinsics": [10**400, 48, 24, 18]}, "intrinsics must be 4 numbers"),
        ({"intrinsics": [1e300, 48, 24, 18]}, r"intrinsics must be 4 numbers of at most 1e\+12, got \[1e\+300"),
        ({"intrinsics": [float("nan"), 48, 24, 18]}, "intrinsics must be 4 numbers"),
        ({"image": "x" * 300 + ".png"}, "File name too long"),
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


def test_leaves_out_an_image_that_cannot_be_read_where_it_is_told_to(tmp_path: Path) -> None:
    (write_scene(tmp_path) / "1.png").write_text("no picture")
    with pytest.raises(SceneError, match=r"1\.png is not an image"):
        read_scene(tmp_path)
    said = list[str]()
    assert [view.name for view in read_scene(tmp_path, None, said.append).views] == ["0.png", "2.png"]
    assert len(said) == 1
    assert "1.png is not an image" in said[0]
    with pytest.raises(SceneError, match=r"1\.png is not an image"):
        read_scene(tmp_path, "1.png", said.append)
    (tmp_path / "2.png").unlink()
    with pytest.raises(SceneError, match=r"of .* only 0\.png can be read"):
        read_scene(tmp_path, None, said.append)


def test_depths_are_those_of_the_points_that_the_reference_shows(tmp_path: Path) -> None:
    model = write_colmap(tmp_path) / "sparse" / "0"
    lines = (model / "images.txt").read_text().splitlines()
    lines = [lines[0], "", *lines[1:5], "3 1 0 0 0 0 0 2 1 2.png", "1.5 2.5 7 3.5 4.5 -1 5.5 6.5 8"]
    (model / "images.txt").write_text("\n".join(lines) + "\n")
    points = [f"{label} 0 0 {z} 0 0 0 0" for label, z in ((7, 3), (8, 4), (9, 90), (-1, 900))]
    (model / "points3D.txt").write_text("\n".join(points) + "\n")
    near, far = read_scene(tmp_path, "2.png").depth_range or (0.0, 0.0)
    assert 5 / 1.3 < near < 5 / 1.2
    assert 6 * 1.2 < far < 6 * 1.3
    # The first view lists no points: all of them count, from where it is.
    near, far = read_scene(tmp_path).depth_range or (0.0, 0.0)
    assert 3 / 1.3 < near < 3 / 1.2
    assert far > 90


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("cameras.txt", "1 PINHOLE 48", "cameras.txt has a line that is no camera: 1 PINHOLE 48"),
        ("cameras.txt", "1 PINHOLE 48 -36 48 48 24 18", "cameras.txt has a line that is no camera"),
        ("cameras.txt", "1 PINHOLE 48 36 48 48 24", "camera 1 must have 4 parameters, got 3"),
        ("cameras.txt", "1 SIMPLE_PINHOLE 48 36 48 48 24 18", "camera 1 must have 3 parameters, got 4"),
        ("cameras.txt", "1 PINHOLE 48 36 nan 48 24 18", "cameras.txt has a line that is no camera"),
        ("cameras.txt", "1 PINHOLE 48 36 1e300 48 24 18", "cameras.txt has a line that is no camera"),
        ("cameras.txt", "1 PINHOLE 48 36 0 48 24 18", "must have positive focal lengths, got 0 and 48"),
        ("cameras.txt", "1 SIMPLE_RADIAL 48 36 48 24 18 0.1", "is a SIMPLE_RADIAL, it must be one of SIMPLE_PINHOLE"),
        ("cameras.txt", "2 PINHOLE 48 36 48 48 24 18", r"cameras.txt has no camera 1, which 0\.png was taken with"),
        ("images.txt", "1 1 0 0 nan 0 0 0 1 0.png", "pose that is not of finite numbers: 1 1 0 0 nan"),
        ("images.txt", "1 0 0 0 0 0 0 0 1 0.png", "quaternion of zeros"),
        ("images.txt", "1 1 0 0 0 0 0 0 1 0.png", "two views at least"),
        ("points3D.txt", "1 2 3", "points3D.txt has a line that is no point: 1 2 3"),
        ("points3D.txt", "1 2 3 inf 0 0 0 0", "points3D.txt has a line that is no point"),
    ],
)
def test_says_which_line_of_a_model_is_wrong(tmp_path: Path, name: str, text: str, message: str) -> None:
    (write_colmap(tmp_path) / "sparse" / "0" / name).write_text(text + "\n")
    with pytest.raises(SceneError, match=message):
        read_scene(tmp_path)


def test_refuses_depths_that_floats_cannot_hold(tmp_path: Path) -> None:
    write_scene(tmp_path)
    content = json.loads((tmp_path / "scene.json").read_text())
    (tmp_path / "scene.json").write_text(json.dumps(content | {"depth_range": [1e-300, 5]}))
    with pytest.raises(SceneError, match=r"depths must be from 1e-12 to 1e\+12, got 1e-300 to 5"):
        read_scene(tmp_path).depths()


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
