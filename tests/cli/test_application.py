# SPDX-License-Identifier: Apache-2.0
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

import foveal
from foveal.cli import REQUIRED, main
from foveal.cli.application import application


def run(*arguments: str) -> Any:
    return CliRunner().invoke(application, arguments)


def test_version() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == f"foveal {foveal.__version__}\n"


@pytest.mark.parametrize("command", [(), ("peaks",), ("register",), ("depth",), ("demo",), ("warmup",)])
def test_help(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage: foveal" in result.stdout.replace("Usage: root", "Usage: foveal")


def test_python_runs_the_package() -> None:
    found = subprocess.run([sys.executable, "-m", "foveal", "--version"], capture_output=True, text=True, check=True)
    assert found.stdout == f"foveal {foveal.__version__}\n"


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("typer", "PIL") else found(name))
    with pytest.raises(SystemExit, match=r"the command line needs typer, PIL: python -m pip install 'foveal\[apps\]'"):
        main()


def test_import_of_the_library_leaves_the_extra_alone() -> None:
    code = f"import sys, foveal, foveal.peaks, foveal.cli; print([n for n in {REQUIRED} if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_warmup_compiles_each_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[str] = []

    def warm_up(device: str) -> Iterator[str]:
        devices.append(device)
        yield from ("foveal.first", "foveal.second")

    monkeypatch.setattr("foveal.kernels.warm_up", warm_up)
    result = run("warmup")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 kernels ready for cpu after ")
    assert devices == ["cpu"]


def test_warmup_without_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = run("warmup", "--device", "cuda")
    assert result.exit_code == 2
    assert "torch finds no CUDA device" in result.stderr
