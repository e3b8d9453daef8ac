# SPDX-License-Identifier: Apache-2.0
import importlib
import sys
from pathlib import Path

import pytest
from PIL import Image

from foveal.apps.autoencoder import Options
from foveal.apps.photo import PhotoError
from foveal.apps.report import CHAPTERS, Chapter, Figure, Settings, Table
from foveal.apps.report.image_losses import image_losses
from foveal.apps.report.page import data_uri, render_page


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    # The package exports a function of the module's name.
    module = importlib.import_module("foveal.apps.report.image_losses")
    monkeypatch.setattr(module, "STEPS", 2)
    monkeypatch.setattr(module, "OPTIONS", Options(batch=2, size=16, width=4))


def table(chapter: Chapter) -> Table:
    (found,) = [part for part in chapter.body if isinstance(part, Table)]
    return found


def test_chapter_compares_both_losses_on_an_unseen_photograph() -> None:
    assert image_losses in CHAPTERS
    said = list[str]()
    chapter = image_losses(Settings(announce=said.append))
    assert said[0] == "Train with L1"
    assert "(cat) in which it was not trained" in chapter.summary
    assert [row[0] for row in table(chapter).rows] == ["L1", "L1 and edges"]
    for row in table(chapter).rows:
        assert 0 < float(row[2]) < float(row[1]) < 1
    (figure,) = [part for part in chapter.body if isinstance(part, Figure)]
    assert data_uri(figure.image, "image/webp") in render_page([chapter])


def test_own_photograph_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.effect_noise((140, 130), 50).save(tmp_path / "own.png")
    settings = Settings(tmp_path / "own.png")
    assert "(own.png) in which it was not trained" in image_losses(settings).summary
    monkeypatch.setitem(sys.modules, "skimage", None)
    assert "(own.png) in which it was trained" in image_losses(settings).summary
    with pytest.raises(PhotoError, match="which is not installed: python -m pip install scikit-image"):
        image_losses(Settings())
