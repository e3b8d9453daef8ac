# SPDX-License-Identifier: Apache-2.0
import importlib
import re

import pytest
from PIL import Image
from skimage.data import astronaut

from foveal.apps import processing as application
from foveal.apps.processing import OPERATIONS
from foveal.apps.report import CHAPTERS, Chapter, Facts, Figure, Settings, Table
from foveal.apps.report.page import data_uri, render_page
from foveal.apps.report.processing import processing


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = tmp_path_factory.mktemp("photo") / "part.png"
    Image.fromarray(astronaut()[100:228, 180:308]).save(path)
    return Settings(path)


@pytest.fixture(scope="module")
def chapter(settings: Settings) -> Chapter:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "SECONDS", 0.0)
        return processing(settings)


def part(chapter: Chapter, kind: type) -> Facts | Figure | Table:
    (found,) = [part for part in chapter.body if isinstance(part, kind)]
    return found


def test_it_is_a_chapter_of_the_report() -> None:
    assert processing in CHAPTERS


def test_table_has_every_operation_and_the_ratios_of_its_times(chapter: Chapter) -> None:
    table = part(chapter, Table)
    assert [row[0] for row in table.rows] == [operation.name for operation in OPERATIONS]
    assert all(len(row) == len(table.header) for row in table.rows)
    for row in table.rows:
        own = float(row[1])
        for cell in row[2:5]:
            time, ratio = map(float, re.fullmatch(r"([\d.]+) \(([\d.]+)x\)", cell).groups())
            # All three are rounded.
            least, most = (time - 5e-4) / (own + 5e-4) - 0.05, (time + 5e-4) / max(own - 5e-4, 1e-9) + 0.05
            assert least <= ratio <= most


def test_gradients_stand_where_there_are_any(chapter: Chapter) -> None:
    for row, operation in zip(part(chapter, Table).rows, OPERATIONS, strict=True):
        assert bool(row[5]) == bool(row[6]) == operation.differentiable


def test_headlines_name_the_contenders(chapter: Chapter) -> None:
    assert [name for _, name in part(chapter, Facts).facts] == [
        f"faster than {name}, geometric mean" for name in ("plain PyTorch", "OpenCV", "Kornia")
    ]
    assert "by OpenCV and by Kornia" in chapter.summary


def test_page_shows_the_gallery(chapter: Chapter) -> None:
    assert data_uri(part(chapter, Figure).image, "image/webp") in render_page([chapter])


def test_without_peers_it_races_the_formulas_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # The package exports a function of the module's name.
    module = importlib.import_module("foveal.apps.report.processing")
    monkeypatch.setattr(module, "find_peers", dict)
    monkeypatch.setattr(module, "OPERATIONS", OPERATIONS[:1])
    chapter = processing(settings)
    assert part(chapter, Table).header == ("operation", "foveal, ms", "plain PyTorch, ms", "with gradient, ms")
    assert "neither OpenCV nor Kornia" in chapter.summary
