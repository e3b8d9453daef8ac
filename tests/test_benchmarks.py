# SPDX-License-Identifier: Apache-2.0
"""The harness of the races: timing, memory and the page that is written from the results."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.memory import peak_of
from benchmarks.performance import PAGE, RESULTS, render
from benchmarks.race import Race, find_races, run, tensors_of, write_report


def test_the_page_is_what_the_committed_results_make() -> None:
    assert PAGE.read_text() == render(json.loads(RESULTS.read_text()))


def test_committed_results_are_of_all_races() -> None:
    recorded = [(r["place"], r["race"], r["size"]) for r in json.loads(RESULTS.read_text())["results"]]
    races = [(race.place, race.name, race.size) for race in find_races([])]
    assert set(recorded) == set(races)
    assert len(set(recorded)) == len(recorded)
    assert len(set(races)) == len(races), "two races of one name and size"


def test_new_results_replace_their_own_and_keep_the_others(tmp_path: Path) -> None:
    races = [Race("f", "1", forward(int), {}, place="a.b"), Race("g", "1", forward(int), {}, place="a.b")]
    old = [{"place": "a.b", "race": name, "size": "1", "value": 0} for name in ("g", "gone", "f")]
    write_report(tmp_path / "r.json", races, results=old)
    write_report(tmp_path / "r.json", races, machine={"threads": 2}, results=[{**old[0], "value": 1}])
    written = json.loads((tmp_path / "r.json").read_text())
    assert written["machine"] == {"threads": 2}
    assert [(r["race"], r["value"]) for r in written["results"]] == [("f", 0), ("g", 1)]


def report(**result: Any) -> dict[str, Any]:
    machine = {"processor": "P", "vector": "V", "threads": 2, "python": "3", "versions": {"torch": "2"}}
    plain = {"place": "geometry.subpix.noun", "race": "f", "size": "8x8", "goal": {}, "floor": None}
    return {"machine": machine, "results": [{**plain, **result}], "memory": []}


def test_the_page_shows_goals_met_and_missed_and_losses() -> None:
    page = render(report(milliseconds={"foveal": 2.0, "kornia": 24.0, "torch": 1.0}, goal={"kornia": 10, "torch": 1.5}))
    assert "## geometry.subpix" in page
    assert "| `f` | 8x8 | 2.000 |  | 12.0 | **0.5** | kornia 10: met, torch 1.5: **missed** |  |" in page
    assert "1 of 2 goals of speed are met" in page
    assert "- `f` 8x8 reaches 0.50 times torch, of 1.5." in page


def test_the_page_lists_what_loses_without_a_goal() -> None:
    page = render(report(milliseconds={"foveal": 2.0, "opencv": 1.0}))
    assert "where no goal was set:\n\n- `f` 8x8 reaches 0.50 times opencv." in page


def test_the_page_shows_means() -> None:
    results = report(milliseconds={"foveal": 2.0, "kornia": 4.0, "opencv": 1.0}, goal={"opencv": 1.0})
    results["results"] += [{**results["results"][0], "milliseconds": {"foveal": 2.0, "kornia": 1.0, "opencv": 16.0}}]
    page = render(results)
    assert "| OpenCV, geometry | 2 | 1 | 2.00 |" in page
    assert "| Kornia | 2 | 1 | 1.00 |" in page


def test_the_page_shows_memory() -> None:
    measured = report(milliseconds={"foveal": 2.0})
    measured["memory"] = [
        {"place": "geometry.subpix.noun", "race": "f", "size": "8x8", "input": 100, "output": 100, "peak": 400}
    ]
    page = render(measured)
    assert "| 2.50 |" in page
    assert "0 of 1 of memory" in page
    assert "- `f` 8x8 holds 2.50 times inputs and results." in page


def test_a_race_times_every_contender() -> None:
    race = Race(
        name="sleep",
        size="1",
        foveal=lambda: lambda: time.sleep(0.001),
        peers={"slower": lambda: lambda: time.sleep(0.005)},
        bytes_moved=8000,
    )
    result = run(race, seconds=0.02, rounds=3)
    assert result.milliseconds["foveal"] >= 1
    assert result.milliseconds["slower"] >= 5
    assert result.floor > 0
    assert result.ratio("slower") == result.milliseconds["slower"] / result.milliseconds["foveal"]


def test_calls_return_what_they_compute() -> None:
    values = torch.arange(3.0)
    assert torch.equal(forward(torch.mul, values, 2)()(), 2 * values)
    assert forward(torch.mul, values, 2).tensors() == [values]
    (gradient,) = forward_backward(lambda x, k: (x * k, x.long()), values, 2)()()
    assert gradient.tolist() == [2, 2, 2]
    assert not values.requires_grad
    assert len(tensors_of(((values, [values]), None))) == 2


def test_races_are_found_by_file_or_name() -> None:
    found = find_races(["bench_soft_argmax"])
    assert found
    assert {race.place for race in found} == {"geometry.subpix.soft_argmax"}
    assert find_races(["spatial_soft_argmax2d +backward"])
    assert not find_races(["no such race"])


def test_memory_counts_what_a_call_holds_at_its_peak() -> None:
    million = 32_000_000  # float32 elements of 128 MB: far above what interpreter and threads hold

    def call() -> torch.Tensor:
        kept = torch.ones(million)
        torch.ones(million).add_(1)
        return kept

    if sys.platform != "linux":  # where alone the mark of the largest resident size can be reset
        with pytest.raises(FileNotFoundError):
            peak_of(call)
        return
    call()
    peak, result = peak_of(call)
    assert peak == pytest.approx(2 * result.nbytes, rel=0.1)
