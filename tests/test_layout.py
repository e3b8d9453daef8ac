# SPDX-License-Identifier: Apache-2.0
"""The rules of `docs/design.md` that a machine can check."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import foveal
from foveal.kernels._kernel import Kernel
from tests.contract import Contract

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "foveal"
TREES = (SOURCE, ROOT / "tests", ROOT / "benchmarks", ROOT / "examples", ROOT / "tools")
INFRASTRUCTURE = ("apps", "cli", "kernels")


def modules() -> Iterator[Any]:
    for info in pkgutil.walk_packages([str(SOURCE)], "foveal."):
        if not info.name.startswith("foveal.kernels.cuda"):
            yield importlib.import_module(info.name)


def public_names() -> dict[str, Any]:
    """Return every name that an operation package exports, by its full name."""
    names = {}
    for module in modules():
        if module.__name__.split(".")[1] not in INFRASTRUCTURE:
            names |= {f"{module.__name__}.{name}": getattr(module, name) for name in getattr(module, "__all__", ())}
    return names


def cases() -> list[type[Contract]]:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found, pending = [], [Contract]
    while pending:
        pending += (children := pending.pop().__subclasses__())
        found += [child for child in children if "operation" in vars(child)]
    return found


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_files_stay_under_300_lines(tree: Path) -> None:
    long = [f"{p.relative_to(ROOT)}: {n}" for p in tree.rglob("*.py") if (n := len(p.read_text().splitlines())) > 300]
    assert not long


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_files_carry_the_licence(tree: Path) -> None:
    assert not [p for p in tree.rglob("*.py") if not p.read_text().startswith("# SPDX-License-Identifier: Apache-2.0")]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_kernel_has_operation_test_and_benchmark_under_its_path(device: str) -> None:
    tree = SOURCE / "kernels" / device
    missing = []
    for path in tree.rglob("*.py"):
        if path.name.startswith("_"):
            continue
        place = path.relative_to(tree)
        twins = [
            SOURCE / place,
            *(ROOT / t / place.parent / f"{p}_{path.name}" for t, p in (("tests", "test"), ("benchmarks", "bench"))),
        ]
        missing += [str(twin.relative_to(ROOT)) for twin in twins if not twin.exists()]
    assert not missing


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_kernel_has_the_parameters_of_its_operation(device: str) -> None:
    if device == "cuda":
        pytest.importorskip("triton", reason="CUDA kernels need Triton, which exists on Linux only")
    tree, found = SOURCE / "kernels" / device, 0
    for path in tree.rglob("[!_]*.py"):
        place = ".".join(path.relative_to(tree).with_suffix("").parts)
        kernels = importlib.import_module(f"foveal.kernels.{device}.{place}")
        for name, kernel in vars(kernels).items():
            if isinstance(kernel, Kernel):
                found += 1
                reference = getattr(importlib.import_module(f"foveal.{place}"), name).reference
                assert [*inspect.signature(kernel.forward).parameters] == [*inspect.signature(reference).parameters]
                assert [*inspect.signature(kernel.accepts).parameters] == [*inspect.signature(reference).parameters]
    assert found


def test_every_public_name_is_documented() -> None:
    assert not [name for name, value in public_names().items() if not inspect.getdoc(value)]


def test_every_operation_has_a_case() -> None:
    covered = {case.operation for case in cases()}
    operations = {name: value for name, value in public_names().items() if hasattr(value, "reference")}
    assert operations
    assert not [name for name, value in operations.items() if value not in covered]


def test_every_module_form_has_a_case() -> None:
    from foveal._module import OperationModule

    covered = {case.module_form for case in cases()}
    forms = {n: v for n, v in public_names().items() if inspect.isclass(v) and issubclass(v, OperationModule)}
    assert forms
    assert not [name for name, value in forms.items() if value not in covered]


def test_public_surface_is_the_committed_list() -> None:
    """A change of the public surface is a decision: `python -m tools.surface` writes the list anew."""
    listed = (ROOT / "docs" / "surface.txt").read_text().splitlines()
    assert sorted(public_names()) == listed


def test_packages_are_reachable_from_the_top() -> None:
    for name in foveal._PACKAGES:
        assert inspect.ismodule(getattr(foveal, name))


def test_operations_read_without_kernels() -> None:
    """An operation's file knows no kernel, no device and no dtype branch."""
    for name, value in public_names().items():
        if hasattr(value, "reference"):
            source = inspect.getsource(value.reference)
            assert "foveal.kernels" not in source, name
            assert ".is_cuda" not in source, name
