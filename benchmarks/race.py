# SPDX-License-Identifier: Apache-2.0
"""A race: one operation against its peers on the same input, in one process, in turns.

Every `bench_*.py` under this folder holds a list `RACES`. Run them by `python -m benchmarks [PATTERN]`.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Call = Callable[[], object]


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
    """

    name: str
    size: str
    foveal: Callable[[], Call]
    peers: dict[str, Callable[[], Call]]
    goal: dict[str, float] = field(default_factory=dict)
    bytes_moved: int | None = None


@dataclass(frozen=True)
class Result:
    """Median milliseconds of each contender."""

    race: str
    size: str
    milliseconds: dict[str, float]
    goal: dict[str, float]
    bytes_moved: int | None

    def ratio(self, peer: str) -> float:
        """Say how many times faster than a peer foveal is."""
        return self.milliseconds[peer] / self.milliseconds["foveal"]


def run(race: Race, *, seconds: float = 0.6, rounds: int = 15) -> Result:
    """Time all contenders in turns, so that a slow moment of the machine meets them all.

    Args:
        race: what to run.
        seconds: time to spend on each contender, about.
        rounds: number of turns; the median over them counts.
    """
    calls = {name: make() for name, make in {"foveal": race.foveal, **race.peers}.items()}
    repeats = {name: _repeats(call, seconds / rounds) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in calls.items():
                start = time.perf_counter()
                for _ in range(repeats[name]):
                    call()
                times[name].append((time.perf_counter() - start) / repeats[name])
    finally:
        gc.enable()
    medians = {name: 1e3 * statistics.median(values) for name, values in times.items()}
    return Result(race.name, race.size, medians, race.goal, race.bytes_moved)


def _repeats(call: Call, seconds: float) -> int:
    for _ in range(3):
        call()
    start = time.perf_counter()
    call()
    return max(1, int(seconds / max(time.perf_counter() - start, 1e-7)))
