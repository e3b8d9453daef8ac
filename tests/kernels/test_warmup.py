# SPDX-License-Identifier: Apache-2.0
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import foveal.kernels.cpu
from foveal._op import op
from foveal.kernels import warm_up
from foveal.kernels._kernel import Kernel


def test_every_cpu_kernel_is_compiled_by_its_examples() -> None:
    names = list(warm_up())
    assert len(names) == len(set(names)) > 0
    for name in names:
        path, _, function = name.rpartition(".")
        operation = getattr(importlib.import_module(path), function)
        kernel = getattr(importlib.import_module(path.replace("foveal.", "foveal.kernels.cpu.", 1)), function)
        assert isinstance(kernel, Kernel)
        assert operation.reference
        assert list(kernel.examples()), f"{name} has no example"


def test_warm_up_is_lazy_and_names_what_it_did() -> None:
    script = (
        "import sys, foveal.kernels as k; w = k.warm_up(); print('numba' in sys.modules, next(w).startswith('foveal.'))"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "False True\n"


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ValueError, match="device must be one of 'cpu', 'cuda', got 'tpu'"):
        next(warm_up("tpu"))


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Let warm-up find one kernel only, which the test writes."""

    def write(source: str) -> list[str]:
        (tmp_path / "written.py").write_text(source)
        monkeypatch.setattr(foveal.kernels.cpu, "__path__", [str(tmp_path)])
        monkeypatch.delitem(sys.modules, "foveal.kernels.cpu.written", raising=False)
        return list(warm_up())

    def scaled(input: Tensor) -> Tensor:
        return 2 * input

    operations = type(sys)("foveal.written")
    operations.scaled = op(scaled)
    monkeypatch.setitem(sys.modules, "foveal.written", operations)
    yield write
    sys.modules.pop("foveal.kernels.cpu.written", None)


KERNEL = """
import torch
from foveal.kernels._kernel import kernel
calls = []
def adjoint(needs, gradients, outputs, input):
    calls.append("adjoint")
    return (2 * gradients[0],)
@kernel(accepts=lambda input: input.ndim == 1, examples=lambda: iter([(torch.zeros({shape}),)]), adjoint=adjoint)
def scaled(input):
    calls.append("forward")
    return 2 * input.detach()
"""


def test_forward_and_adjoint_both_run(walk: Any) -> None:
    assert walk(KERNEL.format(shape=3)) == ["foveal.written.scaled"]
    calls = sys.modules["foveal.kernels.cpu.written"].calls
    assert calls.count("adjoint") == 1
    assert "forward" in calls


def test_an_example_that_its_kernel_refuses_is_an_error(walk: Any) -> None:
    with pytest.raises(RuntimeError, match=r"foveal.written.scaled refuses its own example"):
        walk(KERNEL.format(shape="(3, 3)"))


def test_gradients_may_be_off() -> None:
    with torch.no_grad():
        assert next(warm_up())
