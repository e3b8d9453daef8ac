# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor
from typer.testing import CliRunner

from foveal.apps.registration.outputs import FILES
from foveal.cli.application import application
from foveal.io import load_image, write_image
from tests.apps.registration.pairs import corner_error, make_pair, photograph


def foveal(*arguments: object) -> Any:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def save(path: Path, image: Tensor) -> Path:
    write_image(path, (image.clamp(0, 1) * 255).round().to(torch.uint8))
    return path


def test_writes_the_transform_and_pictures(tmp_path: Path) -> None:
    fixed, moving, truth = make_pair(torch.tensor([[6.0, 3.0], [-4.0, 5.0], [-6.0, -4.0], [2.0, -5.0]]), gain=0.9)
    out = tmp_path / "out"
    result = foveal("register", save(tmp_path / "a.png", fixed), save(tmp_path / "b.png", moving), "-o", out)
    assert result.exit_code == 0, result.output
    assert "homography, correlation 0.99" in result.stdout
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    report = json.loads((out / "transform.json").read_text())
    assert corner_error(torch.tensor(report["matrix"], dtype=torch.float64), truth) < 0.2
    assert report["levels"][-1]["height"] == 128
    for name in FILES[1:]:
        with Image.open(out / name) as opened:
            assert opened.size == (128, 128)
    # Two interpolations took the finest detail; before, the two images are five times as far apart.
    inner = (..., slice(20, 108), slice(20, 108))
    assert (load_image(out / "warped.png") / 0.9 - fixed)[inner].abs().mean() < 0.03
    assert (load_image(out / "checkerboard.png") - fixed)[inner].abs().mean() < 0.03
    assert (moving / 0.9 - fixed)[inner].abs().mean() > 0.1


@pytest.mark.parametrize("kind", ["no file", "no image", "flat"])
def test_bad_input_leaves_nothing(tmp_path: Path, kind: str) -> None:
    first, second, out = save(tmp_path / "a.png", photograph()), tmp_path / "b.png", tmp_path / "out"
    if kind == "no image":
        second.write_text("not an image")
    if kind == "flat":
        save(second, torch.full((3, 64, 64), 0.5))
    result = foveal("register", first, second, "-o", out)
    assert result.exit_code == 1
    messages = {"no file": "No such file", "no image": "is not an image", "flat": "the moving image is flat"}
    assert "b.png" in result.stderr
    assert messages[kind] in result.stderr
    assert not out.exists()


def test_an_output_that_cannot_be_written_is_refused_before_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = foveal("register", tmp_path / "missing.png", tmp_path / "missing.png", "-o", tmp_path / "file" / "out")
    assert result.exit_code == 1
    assert "cannot write" in result.stderr
