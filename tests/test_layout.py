# SPDX-License-Identifier: Apache-2.0
"""The rules of `docs/design.md` that a machine can check."""

import importlib.util
import inspect
import pkgutil
import re
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
        parts = module.__name__.split(".")[1:]
        if parts[0] not in INFRASTRUCTURE and not any(part.startswith("_") for part in parts):
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


def kernels(device: str) -> list[tuple[str, Kernel]]:
    """Return the kernels of a device with the place of their operation."""
    tree, found = SOURCE / "kernels" / device, []
    for path in sorted(tree.rglob("[!_]*.py")):
        place = ".".join(path.relative_to(tree).with_suffix("").parts)
        module = importlib.import_module(f"foveal.kernels.{device}.{place}")
        found += [(place, value) for value in vars(module).values() if isinstance(value, Kernel)]
    assert found
    return found


# CUDA kernels are looked at where Triton exists.
DEVICES = ["cpu", *(["cuda"] if importlib.util.find_spec("triton") else [])]


@pytest.mark.parametrize("device", DEVICES)
def test_a_kernel_has_the_parameters_of_its_operation(device: str) -> None:
    for place, kernel in kernels(device):
        reference = getattr(importlib.import_module(f"foveal.{place}"), kernel.__name__).reference
        wanted = [*inspect.signature(reference).parameters]
        assert [*inspect.signature(kernel.forward).parameters] == wanted, place
        assert [*inspect.signature(kernel.accepts).parameters] == wanted, place


@pytest.mark.parametrize("device", DEVICES)
def test_a_kernel_has_no_default_values(device: str) -> None:
    """A default of its own could differ from the operation's."""
    for place, kernel in kernels(device):
        for function in (kernel.forward, kernel.accepts):
            defaults = {parameter.default for parameter in inspect.signature(function).parameters.values()}
            assert defaults <= {inspect.Parameter.empty}, f"{place}.{kernel.__name__}"


@pytest.mark.parametrize("device", DEVICES)
def test_outputs_are_kept_only_for_adjoints_that_read_them(device: str) -> None:
    wrong = []
    for place, kernel in kernels(device):
        if kernel.keep_outputs:
            name = list(inspect.signature(kernel.adjoint).parameters)[2]
            if len(re.findall(rf"\b{name}\b", inspect.getsource(kernel.adjoint))) == 1:
                wrong.append(f"{place}.{kernel.__name__} needs keep_outputs=False")
    assert not wrong


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


def test_options_that_kornia_lacks_are_keyword_only() -> None:
    compared, wrong = 0, []
    for name, value in public_names().items():
        package, _, last = name.rpartition(".")
        try:
            peer = getattr(importlib.import_module(package.replace("foveal", "kornia", 1)), last)
        except (ImportError, AttributeError):
            continue
        known = inspect.signature(peer).parameters
        if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in known.values()):
            continue
        compared += 1
        wrong += [
            f"{name}({parameter.name})"
            for parameter in inspect.signature(value).parameters.values()
            if parameter.name not in known and parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        ]
    assert compared
    assert not wrong


def test_operations_read_without_kernels() -> None:
    """An operation's file knows no kernel, no device and no dtype branch."""
    for name, value in public_names().items():
        if hasattr(value, "reference"):
            source = inspect.getsource(value.reference)
            assert "foveal.kernels" not in source, name
            assert ".is_cuda" not in source, name
