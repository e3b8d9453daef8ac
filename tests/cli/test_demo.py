# SPDX-License-Identifier: Apache-2.0
import importlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from skimage.data import astronaut
from typer.testing import CliRunner

from foveal.apps import batched_edges
from foveal.apps.displacement import REFINEMENTS
from foveal.apps.report import CHAPTERS, Chapter, Settings
from foveal.cli.application import application
from tests.apps.report.test_page import check


def foveal(*arguments: object) -> Any:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def test_demo_of_a_small_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The package exports functions of the modules' names.
    monkeypatch.setattr(importlib.import_module("foveal.apps.report.image_losses"), "STEPS", 2)
    monkeypatch.setattr(batched_edges, "median_seconds", lambda *_, **__: 1e-3)
    Image.fromarray(astronaut()[:200, 130:330]).save(tmp_path / "part.png")
    result = foveal("demo", "-o", tmp_path / "new" / "report", "--photo", tmp_path / "part.png")
    assert result.exit_code == 0, result.output
    assert f"index.html: {len(CHAPTERS)} chapters after" in result.stdout
    assert [path.name for path in (tmp_path / "new" / "report").iterdir()] == ["index.html"]
    page = (tmp_path / "new" / "report" / "index.html").read_text(encoding="utf-8")
    check(page)
    assert "part.png, 200 x 200 pixels" in page
    for refinement in REFINEMENTS:
        assert f'<th scope="row">{refinement or "none"}</th>' in page


def failing(settings: Settings) -> Chapter:
    raise ArithmeticError("no number")


def test_failed_chapter_ends_with_status_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foveal.apps.report.CHAPTERS", (failing,))
    result = foveal("demo", "-o", tmp_path)
    assert result.exit_code == 1
    assert "failed: Failing; the page shows why" in result.stderr
    assert "ArithmeticError: no number" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_missing_photo_writes_nothing(tmp_path: Path) -> None:
    result = foveal("demo", "-o", tmp_path / "report", "--photo", tmp_path / "missing.jpg")
    assert result.exit_code == 2
    assert "missing.jpg: No such file or directory" in result.stderr
    assert not (tmp_path / "report" / "index.html").exists()


def test_output_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "report").touch()
    result = foveal("demo", "-o", tmp_path / "report")
    assert result.exit_code == 2
    assert "is a file" in result.stderr
