# SPDX-License-Identifier: Apache-2.0
"""Options of the suite: `--device` and `--dtype` choose where, and in which precision, the contract tests run."""

import os

import pytest
import torch

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
