# SPDX-License-Identifier: Apache-2.0
import importlib
import sys
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from foveal.apps.depth.rendering import render
from foveal.apps.report import CHAPTERS, Facts, Figure, Settings, Table
from foveal.apps.report.depth import depth
from foveal.apps.report.page import render_page


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    # The package exports a function of the module's name.
    module = importlib.import_module("foveal.apps.report.depth")
    monkeypatch.setattr(module, "render", partial(render, width=160, height=120))


def test_chapter_finds_the_depth() -> None:
    assert depth in CHAPTERS
    said = list[str]()
    chapter = depth(Settings(announce=said.append))
    assert said[0] == "Render three views"
    assert "Depth: searching planes" in said
    facts, pictures, points, table, _ = chapter.body
    assert isinstance(facts, Facts)
    mean, median = (float(value.removesuffix("%")) for value, _ in facts.facts[:2])
    assert 0 < median < mean < 10
    assert median < 3
    assert isinstance(pictures, Figure)
    assert isinstance(points, Figure)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows][:3] == ["all", "4 pixels and more from outlines", "of the wall"]
    assert sum(int(row[1].replace(",", "")) for row in table.rows[2:]) == 160 * 120
    assert "Depth from three views" in render_page([chapter])


def test_own_photograph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.effect_noise((140, 130), 50).save(tmp_path / "own.png")
    monkeypatch.setitem(sys.modules, "skimage", None)
    assert "(own.png at the back)" in depth(Settings(tmp_path / "own.png")).summary
