# SPDX-License-Identifier: Apache-2.0
"""Write `docs/performance.md` from the committed results: `python -m benchmarks.performance`."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from statistics import geometric_mean
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "cpu.json"
PAGE = ROOT / "docs" / "performance.md"
# Peak memory, inputs counted, over inputs and results.
MEMORY_GOAL = 2.0
BACKWARD = " +backward"

INTRODUCTION = """\
# Performance

Written by `python -m benchmarks.performance` from `benchmarks/results/cpu.json`; measure anew by

    python -m benchmarks --json benchmarks/results/cpu.json
    python -m benchmarks.memory --json benchmarks/results/cpu.json
    python -m benchmarks.performance

All contenders of a race run in turns in one process on the same input; a time is the median over the turns. A column
of a peer says how many times longer than foveal it takes: above 1 foveal is faster, below 1 it loses (in bold).
*Floor* is the time of a plain copy that moves as many bytes as the operation must read and write at the least.
*Memory* is the most that a call holds at once, inputs counted, over the size of inputs and results: 1 is the least,
and at most 2 is the goal (races under 4 MB are not measured). *+backward* includes the gradients. *Goal* is the least
ratio that was set: no operation is to be slower than Kornia, and those that people know from OpenCV are to be as fast.
"""


def render(report: dict[str, Any]) -> str:
    """Return the page."""
    results = report["results"]
    memory = {(m["place"], m["race"], m["size"]): _memory_ratio(m) for m in report.get("memory", [])}
    sections = [INTRODUCTION, _machine(report["machine"]), _means(results), _summary(results, memory)]
    for package, rows in groupby(results, key=lambda result: result["place"].rpartition(".")[0]):
        sections.append("\n".join(_table(package, list(rows), memory)) + "\n")
    return "\n".join(sections)


def _machine(machine: dict[str, Any]) -> str:
    where = ", ".join([machine["processor"], machine["vector"], f"{machine['threads']} threads"])
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return f"Machine: {where}; Python {machine['python']}, {versions}.\n"


def _means(results: list[dict[str, Any]]) -> str:
    """Say how far ahead foveal is as a whole: of OpenCV where that was set as a goal, of Kornia everywhere."""
    rivals = [result for result in results if "opencv" in result["goal"]]
    peers = [result for result in results if "kornia" in result["milliseconds"]]
    processing = ("color.", "enhance.", "filters.", "morphology.")
    groups = {
        "OpenCV, image processing": ("opencv", [r for r in rivals if r["place"].startswith(processing)]),
        "OpenCV, geometry": ("opencv", [r for r in rivals if r["place"].startswith("geometry.")]),
        "Kornia": ("kornia", [r for r in peers if not r["race"].endswith(BACKWARD)]),
        "Kornia, with the gradients": ("kornia", [r for r in peers if r["race"].endswith(BACKWARD)]),
    }
    lines = ["## As a whole", "", "| against | rows | ahead in | geometric mean |", "|---|--:|--:|--:|"]
    for title, (peer, rows) in groups.items():
        if ratios := [_ratio(row, peer) for row in rows]:
            ahead = sum(ratio >= 1 for ratio in ratios)
            lines.append(f"| {title} | {len(ratios)} | {ahead} | {geometric_mean(ratios):.2f} |")
    return "\n".join(lines) + "\n"


def _summary(results: list[dict[str, Any]], memory: dict[tuple[str, str, str], float]) -> str:
    goals = [(result, peer, goal) for result in results for peer, goal in result["goal"].items()]
    missed = [(result, peer, goal) for result, peer, goal in goals if _ratio(result, peer) < goal]
    heavy = [(key, ratio) for key, ratio in memory.items() if ratio > MEMORY_GOAL]
    slower = [
        f"{_name(result)} reaches {_ratio(result, peer):.2f} times {peer}"
        for result in results
        for peer in result["milliseconds"]
        if peer not in ("foveal", *result["goal"]) and _ratio(result, peer) < 1
    ]
    lines = [
        "## Goals",
        "",
        f"{len(goals) - len(missed)} of {len(goals)} goals of speed are met, and {len(memory) - len(heavy)} of "
        f"{len(memory)} of memory.",
    ]
    misses = [f"{_name(r)} reaches {_ratio(r, p):.2f} times {p}, of {goal:g}" for r, p, goal in missed]
    misses += [f"`{race}` {size} holds {ratio:.2f} times inputs and results" for (_, race, size), ratio in heavy]
    for title, rows in (("Missed", misses), ("Slower than a peer, where no goal was set", slower)):
        lines += ["", f"{title}:", "", *(f"- {row}." for row in rows)] if rows else []
    return "\n".join(lines) + "\n"


def _table(package: str, rows: list[dict[str, Any]], memory: dict[tuple[str, str, str], float]) -> Iterator[str]:
    peers = sorted({peer for row in rows for peer in row["milliseconds"]} - {"foveal"})
    yield f"## {package}"
    yield ""
    yield f"| operation | size | foveal, ms | floor, ms | {' | '.join(peers)} | goal | memory |"
    yield f"|---|---|--:|--:|{'--:|' * len(peers)}---|--:|"
    for row in rows:
        ratios = [_cell(_ratio(row, peer)) if peer in row["milliseconds"] else "" for peer in peers]
        goal = ", ".join(
            f"{peer} {goal:g}: {'met' if _ratio(row, peer) >= goal else '**missed**'}"
            for peer, goal in row["goal"].items()
        )
        floor = f"{row['floor']:.3f}" if row["floor"] else ""
        held = memory.get((row["place"], row["race"], row["size"]))
        cells = [
            f"`{row['race']}`",
            row["size"],
            f"{row['milliseconds']['foveal']:.3f}",
            floor,
            *ratios,
            goal,
            "" if held is None else f"{held:.2f}",
        ]
        yield f"| {' | '.join(cells)} |"


def _memory_ratio(measured: dict[str, Any]) -> float:
    return (measured["input"] + measured["peak"]) / (measured["input"] + measured["output"])


def _ratio(result: dict[str, Any], peer: str) -> float:
    return result["milliseconds"][peer] / result["milliseconds"]["foveal"]


def _name(result: dict[str, Any]) -> str:
    return f"`{result['race']}` {result['size']}"


def _cell(ratio: float) -> str:
    return f"**{_number(ratio)}**" if ratio < 1 else _number(ratio)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2g}"


if __name__ == "__main__":
    PAGE.write_text(render(json.loads(RESULTS.read_text())))
