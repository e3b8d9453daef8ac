# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from foveal.apps.autoencoder import Processes, load_checkpoint
from foveal.apps.autoencoder.__main__ import application

SMALL = ("--batch", 4, "--size", 16, "--width", 4, "--code", 2, "--device", "cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (images := tmp_path / "images").mkdir()
    for number in range(3):
        pixels = torch.randint(256, (40, 37 + number, 3), dtype=torch.uint8)
        Image.fromarray(pixels.numpy()).save(images / f"{number}.png")
    return images


def run(*arguments: object) -> Any:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def test_both_losses_are_trained_and_compared(folder: Path, tmp_path: Path) -> None:
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    result = run(folder, "-o", tmp_path / "new" / "out", "--steps", 2, *SMALL)
    assert result.exit_code == 0, result.output
    assert "left out:" in result.stderr
    assert "torn.jpg" in result.stderr
    assert [line.split()[0] for line in result.stdout.splitlines()[:2]] == ["l1", "edges"]
    out = tmp_path / "new" / "out"
    assert sorted(p.name for p in out.iterdir()) == ["edges.pt", "l1.pt", "reconstructions.png", "result.json"]
    with Image.open(out / "reconstructions.png") as picture:
        assert picture.size == (3 * 32, 2 * 40)
    content = json.loads((out / "result.json").read_text())
    assert content["photographs"] == ["2.png"]
    assert content["unseen"]
    assert content["steps"] == 2
    for scores in content["scores"].values():
        assert 0 < scores["edge_error"] < scores["absolute_error"] < 1
    again = run(folder, "-o", out, "--steps", 2, *SMALL)
    assert again.exit_code == 0
    assert again.stdout == result.stdout


def test_what_is_wrong_is_said(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for arguments, status, message in (
        ((tmp_path / "missing",), 1, "missing: No such file or directory"),
        ((folder, "--size", 48), 1, "has no image of at least 48 x 48 pixels that can be read"),
        ((folder, "--loss", "l2"), 2, "loss must be one of l1, edges, both, got l2"),
        ((folder, "--size", 12), 2, "size must be a multiple of 8, got 12"),
        ((folder, "--device", "tpu"), 1, "the device must be auto, cpu or cuda, got tpu"),
        ((folder, "--steps", 0), 2, "Invalid value for '--steps'"),
    ):
        result = run(*SMALL[:-2], "-o", out, *arguments)
        assert result.exit_code == status, result.output
        assert message in " ".join(result.stderr.split())
        assert not out.exists()
    out.mkdir()
    (out / "l1.pt").write_bytes(b"torn")
    result = run(folder, "-o", out, *SMALL)
    assert result.exit_code == 1
    assert "l1.pt is damaged, or no checkpoint" in result.stderr


def test_a_batch_that_cannot_be_shared_leaves_no_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def three(_: str) -> AbstractContextManager[Processes]:
        return nullcontext(Processes(0, 3))

    monkeypatch.setattr("foveal.apps.autoencoder.command.joined", three)
    result = run(folder, "-o", tmp_path / "out", *SMALL)
    assert result.exit_code == 2
    assert "batch must be a multiple of the 3 processes, got 4" in result.stderr
    assert not (tmp_path / "out").exists()


def words(folder: Path, out: Path, steps: int) -> list[str]:
    """Return what to run, to train on two processes."""
    options = (folder, "-o", out, "--loss", "edges", "--steps", steps, "--checkpoint-every", 1, *SMALL)
    return ["-m", "foveal.apps.autoencoder", *map(str, options)]


def start(words: list[str], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start_pair(folder: Path, out: Path, steps: int) -> list[subprocess.Popen[str]]:
    """Start what `torchrun` would start, as children that can be killed: its own are out of reach."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return [start(words(folder, out, steps), RANK=rank, LOCAL_RANK=rank, **common) for rank in ("0", "1")]


def finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output


def test_two_processes_killed_half_way_end_with_the_weights_of_an_unbroken_run(folder: Path, tmp_path: Path) -> None:
    steps = 60
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    unbroken = start([*launcher, *words(folder, tmp_path / "unbroken", steps)])
    broken = start_pair(folder, tmp_path / "broken", steps)
    state = tmp_path / "broken" / "edges.pt"
    while not state.exists() and all(process.poll() is None for process in broken):
        time.sleep(0.002)
    for process in broken:
        process.kill()
    outputs = [process.communicate()[0] for process in broken]
    assert [process.returncode for process in broken] == [-signal.SIGKILL] * 2, outputs
    found = load_checkpoint(state)
    assert found is not None
    assert 0 < found.step < steps
    resumed = start_pair(folder, tmp_path / "broken", steps)
    assert finish(unbroken).count("absolute error") == 1, "one process speaks"
    assert [finish(process).count("absolute error") for process in resumed] == [1, 0]
    ends = [load_checkpoint(tmp_path / name / "edges.pt") for name in ("unbroken", "broken")]
    first, second = (end for end in ends if end is not None)
    assert first.step == second.step == steps
    assert first.model.keys() == second.model.keys()
    assert all(torch.equal(first.model[name], second.model[name]) for name in first.model)
    moments = [[state[name] for state in end.optimizer["state"].values() for name in state] for end in (first, second)]
    assert all(torch.equal(a, b) for a, b in zip(*moments, strict=True))
    assert not list((tmp_path / "broken").glob(".*"))
