# SPDX-License-Identifier: Apache-2.0
"""Measure the peak memory of foveal's side of every race: `python -m benchmarks.memory [PATTERN ...] [--json FILE]`.

Each call runs in a fresh process: once to compile and to warm up, and once more after the system's mark of the largest
resident size was reset (which Linux alone can do).
"""

import argparse
import gc
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.calls import Forward
from benchmarks.race import Call, Race, find_races, races_of, tensors_of, write_report
from foveal.kernels.cpu import _memory

# Memory that is freed goes back at once, so that the second call cannot live on what the first one left behind.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_TOP_PAD_": "0"}
# Below this size the pages of threads and interpreter outweigh what is measured.
SMALLEST = 4_000_000


@dataclass(frozen=True)
class Memory:
    """Bytes of a call: its inputs, its results, and the most that it held at once beyond its inputs."""

    place: str
    race: str
    size: str
    input: int
    output: int
    peak: int

    @property
    def ratio(self) -> float:
        """Say how many times the size of inputs and results is held at the peak, inputs counted."""
        return (self.input + self.peak) / (self.input + self.output)


def measure(place: str, name: str, size: str) -> Memory:
    """Measure a race in this process."""
    (race,) = (race for race in races_of(place) if (race.name, race.size) == (name, size))
    call = race.foveal()
    inputs = race.foveal.tensors()
    call()
    peak, result = peak_of(call)
    return Memory(race.place, race.name, race.size, _bytes(inputs), _bytes(tensors_of(result)), peak)


def peak_of(call: Call) -> tuple[int, object]:
    """Return the most bytes that a call holds beyond what is held before it, and its result."""
    gc.collect()
    _memory._free.clear()  # what is kept for the next result counts as held by it
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    result = call()
    return _status("VmHWM") - before, result


def measure_apart(race: Race, threads: int) -> Memory:
    """Measure a race in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.memory", "--threads", str(threads)]
    command += ["--one", race.place, race.name, race.size]
    return Memory(**json.loads(subprocess.check_output(command, env={**os.environ, **MALLOC}, text=True)))


def _status(name: str) -> int:
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) * 1024


def _bytes(tensors: list[torch.Tensor]) -> int:
    return sum({tensor.data_ptr(): tensor.nbytes for tensor in tensors}.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--json", type=Path, help="put the figures into this file of results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--one", nargs=3, help="measure the race of this place, name and size, and print it as JSON")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.one is not None:
        print(json.dumps(asdict(measure(*arguments.one))))
        return
    races = find_races([])
    chosen = {(race.place, race.name, race.size) for race in find_races(arguments.patterns)}
    heavy = [
        race
        for race in races
        if (race.place, race.name, race.size) in chosen
        and isinstance(race.foveal, Forward)
        and _bytes(race.foveal.tensors()) >= SMALLEST
    ]
    # Sizes do not depend on what else runs.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for memory in pool.map(lambda race: measure_apart(race, arguments.threads), heavy):
            print(f"{memory.race:44s} {memory.size:>16s} {memory.ratio:6.2f}x inputs and results", flush=True)
            if arguments.json:
                write_report(arguments.json, races, memory=[asdict(memory)])


if __name__ == "__main__":
    main()
