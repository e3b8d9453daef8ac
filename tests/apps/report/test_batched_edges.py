# SPDX-License-Identifier: Apache-2.0
import importlib

import pytest

from foveal.apps.batched_edges import BATCHES, CONTENDERS
from foveal.apps.report import CHAPTERS, Facts, Figure, Settings, Table
from foveal.apps.report.batched_edges import batched_edges
from foveal.apps.report.page import data_uri, render_page

TIMES = {name: [0.001 * (place + 1) * batch for batch in BATCHES] for place, name in enumerate(CONTENDERS)}


def test_chapter_shows_every_library_and_its_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    assert batched_edges in CHAPTERS
    # The package exports a function of the module's name.
    module = importlib.import_module("foveal.apps.report.batched_edges")
    monkeypatch.setattr(module, "race_edges", lambda *_, **__: TIMES)
    facts, plot, _, table = batched_edges(Settings()).body
    assert isinstance(facts, Facts)
    assert facts.facts[1] == ("3.0 times", "faster than OpenCV")
    assert isinstance(plot, Figure)
    assert plot.media_type == "image/svg+xml"
    for contender in CONTENDERS.values():
        assert f"<!-- {contender.label} -->".encode() in plot.image
    assert data_uri(plot.image, plot.media_type) in render_page([batched_edges(Settings())])
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == [contender.label for contender in CONTENDERS.values()]
    assert table.rows[0] == ("foveal", "1.000", "4.000", "16.000", "64.000")
    assert table.rows[2][1:] == ("3.000 (3.0x)", "12.000 (3.0x)", "48.000 (3.0x)", "192.000 (3.0x)")
