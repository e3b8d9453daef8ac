# SPDX-License-Identifier: Apache-2.0
"""Race foveal against its peers: `python -m benchmarks [PATTERN ...] [--json FILE] [--threads N]`."""

import argparse
import os
import platform
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.race import Result, find_races, run, write_report

PEERS = ("torch", "numpy", "numba", "kornia", "opencv-python-headless", "scikit-image", "scipy")


def describe_machine() -> dict[str, object]:
    """Describe what a reader needs to compare: processor, threads and versions."""
    from importlib.metadata import version

    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return {
        "processor": model,
        "vector": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "versions": {peer: version(peer) for peer in PEERS},
    }


def print_result(result: Result) -> None:
    """Print one line: milliseconds of foveal, and the ratio to each peer with its goal."""
    ratios = []
    for peer in result.milliseconds:
        if peer != "foveal":
            goal = f" (goal {result.goal[peer]:g})" if peer in result.goal else ""
            ratios.append(f"{peer} {result.ratio(peer):6.2f}x{goal}")
    floor = f"(floor {result.floor:.3f})" if result.floor else ""
    time = f"{result.milliseconds['foveal']:9.3f} ms {floor:>16s}"
    print(f"{result.race:44s} {result.size:>16s} {time}  {'   '.join(ratios)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--json", type=Path, help="put the results into this file, with the machine's description")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.6, help="time to spend on each contender of a race")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    races, machine = find_races([]), describe_machine()
    for race in find_races(arguments.patterns):
        result = run(race, seconds=arguments.seconds)
        print_result(result)
        if arguments.json:
            write_report(arguments.json, races, machine=machine, results=[asdict(result)])


if __name__ == "__main__":
    main()
