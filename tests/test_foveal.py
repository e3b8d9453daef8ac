# SPDX-License-Identifier: Apache-2.0
"""What `import foveal` does, costs, and leaves undone."""

import json
import subprocess
import sys

import pytest

import foveal

TIMED = """
import json, sys, time
import torch
start = time.perf_counter()
import foveal
print(json.dumps([time.perf_counter() - start, sorted(sys.modules)]))
"""


def imported(script: str) -> tuple[float, set[str]]:
    seconds, modules = json.loads(subprocess.check_output([sys.executable, "-c", script], text=True))
    return seconds, set(modules)


def test_import_costs_at_most_50_milliseconds_over_torch() -> None:
    # One of several must do: whatever else the machine does can only add to the time.
    assert any(imported(TIMED)[0] < 0.050 for _ in range(5))


def test_heavy_packages_are_imported_at_their_first_use() -> None:
    everything = TIMED.replace(
        "import foveal",
        "import foveal.geometry, foveal.losses, foveal.peaks, foveal.kernels, foveal.utils, foveal.core, foveal.io",
    )
    _, modules = imported(everything)
    assert "foveal.geometry.subpix" in modules
    heavy = {"numba", "llvmlite", "triton", "typer", "rich", "PIL", "matplotlib", "pyarrow", "cv2", "scipy", "kornia"}
    assert not heavy & modules


def test_names_of_other_packages_are_reachable_from_the_top() -> None:
    assert foveal.create_meshgrid is foveal.geometry.create_meshgrid
    assert foveal.draw_line is foveal.image.draw_line
    assert set(foveal._PLACES) <= set(dir(foveal))
    for name in foveal._PLACES:
        assert getattr(foveal, name).__name__ == name


def test_packages_are_imported_at_their_first_use() -> None:
    _, modules = imported(TIMED)
    assert not {name for name in modules if name.startswith("foveal.geometry")}
    assert set(foveal._PACKAGES) <= set(dir(foveal))


@pytest.mark.parametrize("name", ["unheard_of", "_private", "numba"])
def test_an_unknown_attribute_is_named(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'foveal' has no attribute '{name}'"):
        getattr(foveal, name)


def test_version() -> None:
    assert all(part.isdigit() for part in foveal.__version__.split("."))
