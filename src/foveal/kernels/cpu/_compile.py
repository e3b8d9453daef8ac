# SPDX-License-Identifier: Apache-2.0
"""Numba compilation with foveal's flags and its own cache on disk.

The cache lies in the user's cache directory, so that a read-only install works, in a folder named by a hash of every
CPU kernel's source: Numba itself looks at the calling file only and would serve stale code after a change in a helper.
"""

import functools
import hashlib
import os
import secrets
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numba.core.config as numba_config

# Reassociation and contraction vectorize sums; NaN and inf keep their meaning.
FAST_MATH = {"reassoc", "contract", "arcp", "nsz", "afn"}

# For loops that own no array: they need not count references to the rows that they slice, which takes longer than a
# short row itself. Only the outermost function, which makes the scratch rows, counts.
BARE: dict[str, Any] = {"_nrt": False}


def cache_root() -> Path:
    """Return `$FOVEAL_CACHE_DIR`, or foveal's folder in the user's cache directory."""
    if chosen := os.environ.get("FOVEAL_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "foveal"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "foveal"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "foveal"


@functools.cache
def cache_directory() -> Path | None:
    """Return the folder of this version's compiled kernels, or `None` (with a warning) where it cannot be written."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    try:
        directory = cache_root() / f"cpu-{digest}"
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except (OSError, RuntimeError) as error:  # RuntimeError: the user has no home directory
        warnings.warn(
            f"foveal cannot cache its compiled kernels ({error}); every process compiles them anew. "
            "Set FOVEAL_CACHE_DIR to a folder that can be written.",
            stacklevel=2,
        )
        return None
    return directory


_setting = threading.Lock()


def compile_kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Compile a loop with Numba: `nogil`, vectorizing float flags that keep NaN and inf, and the cache on disk.

    Args:
        function: the loop; left out, a decorator is returned.
        options: further options of `numba.njit`, such as `inline="always"` or other `fastmath` flags.
    """
    if function is None:
        return functools.partial(compile_kernel, **options)
    directory = cache_directory()
    flags: dict[str, Any] = {"nogil": True, "fastmath": FAST_MATH, "error_model": "numpy", **options}
    if directory is None:
        return numba.njit(**flags)(function)
    settings: Any = numba_config
    # Numba reads the setting when the function is decorated; it is put back, for it belongs to the user's own code.
    with _setting:
        before, settings.CACHE_DIR = settings.CACHE_DIR, str(directory)
        try:
            kernel: Any = numba.njit(cache=True, **flags)(function)
        finally:
            settings.CACHE_DIR = before
    _name_apart(kernel._cache._cache_file)
    return kernel


def _name_apart(file: Any) -> None:
    """Give every compiled variant of a kernel a file of its own.

    Numba numbers them by what the index holds. Of two processes that compile different variants at the same time the
    second would put its code into the file that the first one's entry names, and a third would run the wrong variant.
    """
    numbered: Callable[[int], str] = file._data_name

    def name(number: int) -> str:
        return f"{secrets.token_hex(8)}-{numbered(number)}"

    file._data_name = name
