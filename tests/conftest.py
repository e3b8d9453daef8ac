# SPDX-License-Identifier: Apache-2.0
"""Options of the suite: `--device` and `--dtype` choose where, and in which precision, the contract tests run."""

import itertools
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch

from foveal._op import find_kernel, op
from foveal.kernels import _kernel
from foveal.kernels._kernel import Kernel

pytest.register_assert_rewrite("tests.contract")

if not torch.cuda.is_available():
    # Read by Triton when it is first imported: CUDA kernels then run in its interpreter, on CPU tensors.
    os.environ.setdefault("TRITON_INTERPRET", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="device of the contract tests (default: cpu)")
    parser.addoption("--dtype", default="float32", help="dtype of the contract tests (default: float32)")


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> torch.device:
    return torch.device(request.config.getoption("--device"))


@pytest.fixture(scope="session")
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    return getattr(torch, request.config.getoption("--dtype"))


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture
def kernel(request: pytest.FixtureRequest, device: torch.device, monkeypatch: pytest.MonkeyPatch) -> Kernel | None:
    """Return the kernel of a case's operation, made to run on small samples too, on which it may not pay."""
    kernel = find_kernel(request.instance.operation.reference, device.type)
    if kernel is not None:
        monkeypatch.setattr(kernel, "least", (0, 0))
        monkeypatch.setattr(kernel, "pays", None)
    return kernel


@pytest.fixture
def make_operation(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a maker of operations whose CPU kernel is written in the test: `make(reference, forward, **options)`."""
    numbers = itertools.count()

    def make(reference: Callable[..., Any], forward: Callable[..., Any] | None = None, **options: Any) -> Any:
        place = f"made_{next(numbers)}"
        reference.__module__ = f"foveal.{place}"
        module = ModuleType(f"foveal.kernels.cpu.{place}")
        if forward is not None:
            options = {"accepts": lambda *_: True, "examples": lambda: (), **options}
            setattr(module, reference.__name__, _kernel.kernel(**options)(forward))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return op(reference)

    return make
