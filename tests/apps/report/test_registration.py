# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from PIL import Image

from foveal.apps.report import CHAPTERS, Facts, Figure, Settings, Table
from foveal.apps.report.page import render_page
from foveal.apps.report.registration import registration


def test_chapter_registers_the_photograph(tmp_path: Path) -> None:
    assert registration in CHAPTERS
    chapter = registration(Settings())
    facts, figure, table, _ = chapter.body
    assert isinstance(facts, Facts)
    error, offset = (float(value.removesuffix(" px")) for value, _ in facts.facts[:2])
    assert error < 0.3
    assert offset > 20
    assert isinstance(table, Table)
    assert table.rows[-1][:2] == ("512 x 512", "homography")
    assert isinstance(figure, Figure)
    assert "unbroken" in render_page([chapter])


def test_own_photograph(tmp_path: Path) -> None:
    Image.effect_noise((140, 130), 50).resize((280, 260)).save(tmp_path / "own.png")
    assert "(own.png)" in registration(Settings(tmp_path / "own.png")).summary
