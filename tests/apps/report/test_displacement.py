# SPDX-License-Identifier: Apache-2.0
import importlib
import re
from pathlib import Path

import pytest
import torch
from PIL import Image
from skimage.data import astronaut

from foveal.apps.displacement import REFINEMENTS, measure_displacement
from foveal.apps.report import CHAPTERS, Chapter, Facts, Figure, Settings, Table
from foveal.apps.report.displacement import displacement
from foveal.apps.report.page import render_page
from tests.apps.report.test_page import check


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    path = tmp_path_factory.mktemp("photo") / "part.png"
    Image.fromarray(astronaut()[:224, 130:386]).save(path)
    return displacement(Settings(path))


def table(chapter: Chapter, first: str) -> Table:
    (found,) = [part for part in chapter.body if isinstance(part, Table) and part.header[0] == first]
    return found


def test_it_is_a_chapter_of_the_report() -> None:
    assert displacement in CHAPTERS


def test_table_has_every_refinement_and_its_numbers(chapter: Chapter) -> None:
    errors = table(chapter, "refinement")
    assert [row[0] for row in errors.rows] == [*(kind or "none" for kind in REFINEMENTS), "matching alone"]
    assert all(len(row) == len(errors.header) for row in errors.rows)
    medians = [float(row[2]) for row in errors.rows]
    assert errors.best == (medians.index(min(medians[:-1])),)
    assert all(0 < float(row[2]) <= float(row[3]) for row in errors.rows)
    assert all(float(row[5]) > 0 for row in errors.rows[:-1])


def test_headline_is_the_best_row_of_the_table(chapter: Chapter) -> None:
    errors = table(chapter, "refinement")
    (best,) = errors.best
    (facts,) = [part for part in chapter.body if isinstance(part, Facts)]
    median, rounding = float(errors.rows[best][2]), float(errors.rows[0][2])
    assert facts.facts[0] == (f"{median:.3f} px", f"median error of {errors.rows[best][0]}")
    assert int(facts.facts[1][0].split()[0]) == pytest.approx(rounding / median, abs=1)
    assert f"`{errors.rows[best][0]}`" in chapter.summary


def test_steps_add_up(chapter: Chapter) -> None:
    *steps, total = [float(row[1]) for row in table(chapter, "step").rows]
    assert sum(steps) == pytest.approx(total, abs=0.001 * len(steps))


def test_page_of_the_chapter_is_self_contained(chapter: Chapter) -> None:
    page = render_page([chapter])
    checker = check(page)
    assert len(checker.images) == 4
    for refinement in REFINEMENTS:
        assert f'<th scope="row">{refinement or "none"}</th>' in page
    assert not re.search(r"\bnan\b", page.partition("</style>")[2].partition("data:")[0])


def test_pictures_decode(chapter: Chapter, tmp_path: Path) -> None:
    figures = [part for part in chapter.body if isinstance(part, Figure)]
    assert [figure.media_type for figure in figures] == ["image/webp"] + 3 * ["image/svg+xml"]
    (tmp_path / "arrows.webp").write_bytes(figures[0].image)
    with Image.open(tmp_path / "arrows.webp") as arrows:
        # Yellow arrows stand on the photograph.
        pixels = torch.tensor([*arrows.convert("RGB").getdata()])
    assert ((pixels - torch.tensor([255, 209, 102])).abs().amax(dim=1) < 24).sum() > 500
    for figure in figures[1:]:
        assert figure.image.startswith(b"<?xml")
        assert figure.dark_image is not None
        assert figure.dark_image != figure.image


def test_patches_that_are_not_found_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def half_lost(*args: object, **options: object) -> object:
        result = measure_displacement(*args, **options)  # pyright: ignore[reportArgumentType]
        result.found["gaussian"][::2] = torch.nan
        return result

    # The package's attribute of this name is the chapter, not its module.
    module = importlib.import_module("foveal.apps.report.displacement")
    monkeypatch.setattr(module, "measure_displacement", half_lost)
    Image.fromarray(astronaut()[:200, 130:330]).save(tmp_path / "part.png")
    rows = {row[0]: row for row in table(displacement(Settings(tmp_path / "part.png")), "refinement").rows}
    found, total = (int(number) for number in rows["gaussian"][1].split(" of "))
    assert found == total // 2
    assert rows["none"][1] == f"{total} of {total}"
