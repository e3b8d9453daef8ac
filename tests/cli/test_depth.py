# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from foveal.apps.depth.outputs import FILES, picture_unit
from foveal.cli.application import application
from foveal.geometry.pointcloud import load_pointcloud_ply_binary
from tests.apps.depth.scenes import tilted_plane, write_scene


def foveal(*arguments: object) -> Any:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def test_writes_the_depth(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = foveal("depth", write_scene(tmp_path / "scene"), "-o", out)
    assert result.exit_code == 0, result.output
    assert "0.png from 2 other views" in result.stdout
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    depth, exact = np.load(out / "depth.npy"), tilted_plane()[1].numpy()
    assert (np.abs(depth - exact) / exact).mean() < 0.02
    with Image.open(out / "depth.png") as opened:
        steps = np.asarray(opened).astype(np.float64)
    seen = steps > 0
    assert seen.mean() > 0.9
    np.testing.assert_allclose(steps[seen] * picture_unit(depth.max()), depth[seen], atol=picture_unit(depth.max()))
    with Image.open(out / "depth_colours.png") as opened:
        assert (opened.size, opened.mode) == ((48, 36), "RGB")
    points = load_pointcloud_ply_binary(str(out / "points.ply"))
    np.testing.assert_allclose(points[:, 2].numpy(), depth[seen], rtol=1e-5)


@pytest.mark.parametrize("kind", ["no scene", "one view", "one place"])
def test_bad_input_leaves_nothing(tmp_path: Path, kind: str) -> None:
    scene, out = tmp_path / "scene", tmp_path / "out"
    if kind != "no scene":
        write_scene(scene)
        content = json.loads((scene / "scene.json").read_text())
        if kind == "one view":
            content["views"] = content["views"][:1]
        else:
            for view in content["views"]:
                view["world_to_camera"] = content["views"][0]["world_to_camera"]
        (scene / "scene.json").write_text(json.dumps(content))
    result = foveal("depth", scene, "-o", out)
    assert result.exit_code == 1
    assert {"no scene": "not a folder", "one view": "two views", "one place": "one place"}[kind] in result.stderr
    assert not out.exists()


def test_an_image_that_cannot_be_read_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    scene, out = write_scene(tmp_path / "scene"), tmp_path / "out"
    (scene / "1.png").write_text("no picture")
    result = foveal("depth", scene, "-o", out)
    assert result.exit_code == 1
    assert "left out:" in result.stderr
    assert "1.png is not an image" in result.stderr
    assert "1 view of 3 could not be read" in result.stderr
    assert "0.png from 1 other view," in result.stdout
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)


def test_the_unit_is_a_power_of_ten() -> None:
    assert picture_unit(6.5) == 1e-4
    assert picture_unit(6.6) == 1e-3
    assert picture_unit(65000.0) == 1.0
