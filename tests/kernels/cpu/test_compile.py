# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest

import foveal
from foveal.kernels.cpu._compile import cache_directory, cache_root, compile_kernel

RUN = """
import torch
from foveal.geometry.subpix import spatial_soft_argmax2d
print(spatial_soft_argmax2d(torch.zeros(1, 1, 3, 5), normalized_coordinates=False).tolist())
from foveal.kernels.cpu._compile import cache_directory
from foveal.kernels.cpu.geometry.subpix import soft_argmax
print(cache_directory(), sum(soft_argmax._soft_argmax.stats.cache_hits.values()))
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Copy the package, as an install that its user may not write to."""
    copy = tmp_path / "site" / "foveal"
    shutil.copytree(Path(foveal.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return copy


def run(installed: Path, **environment: str) -> tuple[str, Path | None, int, str]:
    """Run a kernel in a new process; return points, cache folder, number of cache hits and what went to stderr."""
    clean = {name: value for name, value in os.environ.items() if name not in ("FOVEAL_CACHE_DIR", "XDG_CACHE_HOME")}
    ended = subprocess.run(
        [sys.executable, "-B", "-W", "always::UserWarning", "-c", RUN],
        env={**clean, "PYTHONPATH": str(installed.parent), **environment},
        cwd=installed.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    points, last = ended.stdout.splitlines()
    folder, hits = last.rsplit(" ", 1)
    return points, None if folder == "None" else Path(folder), int(hits), ended.stderr


def test_a_read_only_install_caches_for_its_user(installed: Path, tmp_path: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in installed.rglob("*"))
    points, folder, hits, _ = run(installed, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (points, hits) == ("[[[2.0, 1.0]]]", 0)
    assert folder.parent == tmp_path / "cache" / "foveal"
    assert list(folder.rglob("*.nbi"))
    assert list(folder.rglob("*.nbc"))
    assert sorted((path, path.stat().st_mtime_ns) for path in installed.rglob("*")) == before

    # The next process takes the machine code from there.
    again = run(installed, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert again[:3] == (points, folder, 1)


def test_a_change_in_a_helper_changes_the_folder(installed: Path, tmp_path: Path) -> None:
    def folder() -> str:
        script = "from foveal.kernels.cpu._compile import cache_directory; print(cache_directory())"
        environment = {**os.environ, "PYTHONPATH": str(installed.parent), "FOVEAL_CACHE_DIR": str(tmp_path)}
        return subprocess.check_output([sys.executable, "-B", "-c", script], env=environment, text=True)

    before = folder()
    assert folder() == before
    helper = installed / "kernels" / "cpu" / "_exp.py"
    helper.chmod(0o644)
    helper.write_text(helper.read_text() + "# changed\n")
    assert folder() != before


def test_a_cache_that_cannot_be_written_warns_once_and_computes(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    points, folder, _, printed = run(installed, FOVEAL_CACHE_DIR=str(tmp_path / "file" / "below"))
    assert (points, folder) == ("[[[2.0, 1.0]]]", None)
    assert printed.count("foveal cannot cache its compiled kernels") == 1
    assert not list(installed.rglob("*.nb?"))


def test_a_user_without_a_home_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("FOVEAL_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.warns(UserWarning, match="Set FOVEAL_CACHE_DIR"):
        assert cache_directory.__wrapped__() is None


def test_the_chosen_folder_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("FOVEAL_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_root() == tmp_path / ".cache" / "foveal"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_root() == tmp_path / "xdg" / "foveal"
    monkeypatch.setenv("FOVEAL_CACHE_DIR", str(tmp_path / "chosen"))
    assert cache_root() == tmp_path / "chosen"


def double(values):
    for i in range(len(values)):
        values[i] *= 2


def test_the_users_own_numba_setting_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "/the/users/own")
    with ThreadPoolExecutor(4) as executor:
        kernels = list(executor.map(lambda _: compile_kernel(double), range(40)))
    assert numba.config.CACHE_DIR == "/the/users/own"
    folders = {Path(kernel._cache.cache_path).parent for kernel in kernels}
    assert folders == {cache_directory()}


def test_options_reach_numba() -> None:
    assert compile_kernel(double).targetoptions["nogil"]
    kernel = compile_kernel(fastmath={"nnan"}, inline="always")(double)
    assert kernel.targetoptions["fastmath"] == {"nnan"}
    assert kernel.targetoptions["inline"] == "always"


def total(values):
    result = np.float32(0)
    for i in range(len(values)):
        result += values[i]
    return result


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_fast_math_keeps_what_is_not_finite(special: float) -> None:
    values = np.ones(1000, dtype=np.float32)
    values[500] = special
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_equal(compile_kernel(total)(values), np.float32(special))


def test_processes_that_compile_at_the_same_time_do_not_write_over_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(x):  # type: ignore[no-untyped-def]
        return x + x

    first, second = compile_kernel(twice), compile_kernel(twice)
    # Neither sees what the other has saved, as when both look before either has.
    for kernel in (first, second):
        monkeypatch.setattr(kernel._cache._cache_file, "_load_index", dict)
    first(np.float32(1))
    folder, saved = cache_directory(), {}
    assert folder is not None
    saved = {path: path.read_bytes() for path in folder.rglob("*twice*.nbc")}
    assert saved
    second(np.float64(1))
    assert all(path.read_bytes() == content for path, content in saved.items())
    for path in folder.rglob("*twice*.nb?"):
        path.unlink()
