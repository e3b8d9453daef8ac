# SPDX-License-Identifier: Apache-2.0
"""A race: one operation against its peers on the same input, in one process, in turns.

Every `bench_*.py` under this folder holds a list `RACES`. Run them by `python -m benchmarks [PATTERN]`.
"""

import gc
import importlib
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Call = Callable[[], object]
ROOT = Path(__file__).parent


@dataclass(frozen=True)
class Race:
    """One row of the table.

    Args:
        name: the operation, with what sets this race apart (`conv_soft_argmax2d 3x3`).
        size: the input, as the table prints it (`8x17x64x64`).
        foveal: makes foveal's call; preparation that is not timed happens before it returns.
        peers: the same for each peer by name (`kornia`, `opencv`, `torch`).
        goal: the least ratio peer / foveal that was set for each peer, if any.
        bytes_moved: bytes that must be read and written at the least: the floor.
        place: the module of the operation, as `geometry.subpix.soft_argmax`; `find_races` fills it in from the path.
    """

    name: str
    size: str
    foveal: Callable[[], Call]
    peers: dict[str, Callable[[], Call]]
    goal: dict[str, float] = field(default_factory=dict)
    bytes_moved: int | None = None
    place: str = ""


@dataclass(frozen=True)
class Result:
    """Median milliseconds of each contender, and of a copy that moves as many bytes: the floor."""

    place: str
    race: str
    size: str
    milliseconds: dict[str, float]
    goal: dict[str, float]
    floor: float | None

    def ratio(self, peer: str) -> float:
        """Say how many times faster than a peer foveal is."""
        return self.milliseconds[peer] / self.milliseconds["foveal"]


# After a call the threads of OpenMP keep their cores busy for some milliseconds, waiting for more work: without a
# pause the next contender would run on what they leave.
SETTLE = 0.008


def run(race: Race, *, seconds: float = 0.6, rounds: int = 11) -> Result:
    """Time all contenders in turns, so that a slow moment of the machine meets them all.

    Args:
        race: what to run.
        seconds: time to spend on each contender, about.
        rounds: number of turns; the median over them counts. A contender that has taken four times `seconds`
            sits out the rest.
    """
    calls = {name: make() for name, make in {"foveal": race.foveal, **race.peers}.items()}
    if race.bytes_moved:
        calls["floor"] = _copy(race.bytes_moved)
    repeats = {name: _repeats(call, seconds / rounds) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in calls.items():
                if sum(times[name]) > 4 * seconds:
                    continue
                time.sleep(SETTLE)
                start = time.perf_counter()
                for _ in range(repeats[name]):
                    call()
                times[name].append((time.perf_counter() - start) / repeats[name])
    finally:
        gc.enable()
    medians = {name: 1e3 * statistics.median(values) for name, values in times.items()}
    floor = medians.pop("floor", None)
    return Result(race.place, race.name, race.size, medians, race.goal, floor)


def _copy(bytes_moved: int) -> Call:
    """Make a copy that reads one half of the bytes and writes the other."""
    source = torch.ones(max(bytes_moved // 8, 1))
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def find_races(patterns: list[str]) -> list[Race]:
    """Return the races of every `bench_*.py`, or those whose file or name holds one of the patterns."""
    races = []
    for path in sorted(ROOT.rglob("bench_*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        place = ".".join((*parts[:-1], parts[-1].removeprefix("bench_")))
        file = ".".join(("benchmarks", *parts))
        races += [
            race
            for race in races_of(place)
            if not patterns or any(pattern in f"{file} {place} {race.name}" for pattern in patterns)
        ]
    return races


def races_of(place: str) -> list[Race]:
    """Return the races of an operation's place, such as `color.hsv`."""
    *packages, name = place.split(".")
    module = importlib.import_module(".".join(("benchmarks", *packages, f"bench_{name}")))
    return [replace(race, place=place) for race in module.RACES]


def write_report(path: Path, races: list[Race], **parts: Any) -> None:
    """Put new parts into a file of results, in the order of `races`.

    A list replaces the entries of its own races and keeps those of the others; entries without a race are dropped.
    """
    report = json.loads(path.read_text()) if path.exists() else {}
    order = {(race.place, race.name, race.size): number for number, race in enumerate(races)}
    for name, value in parts.items():
        if isinstance(value, list):
            entries = {_key(entry): entry for entry in (*report.get(name, ()), *value) if _key(entry) in order}
            report[name] = sorted(entries.values(), key=lambda entry: order[_key(entry)])
        else:
            report[name] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")


def _key(entry: dict[str, Any]) -> tuple[str, str, str]:
    return entry["place"], entry["race"], entry["size"]


def tensors_of(value: Any) -> list[Tensor]:
    """Return the tensors in the result of a call."""
    if isinstance(value, Tensor):
        return [value]
    return [tensor for member in value for tensor in tensors_of(member)] if isinstance(value, tuple | list) else []


def _repeats(call: Call, seconds: float) -> int:
    """Warm up, and return how many calls fit into the time."""
    call()  # compiles, or loads what was compiled
    elapsed = 0.0
    for _ in range(3):
        start = time.perf_counter()
        call()
        elapsed = time.perf_counter() - start
        if elapsed > 10 * seconds:
            break
    return max(1, int(seconds / max(elapsed, 1e-7)))
