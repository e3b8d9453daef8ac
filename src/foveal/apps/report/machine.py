# SPDX-License-Identifier: Apache-2.0
"""The machine that numbers were measured on."""

import importlib.metadata
import os
import platform
from pathlib import Path

import torch

import foveal


def describe_machine() -> tuple[tuple[str, str], ...]:
    """Return pairs of a property and its value: processor, threads, memory, system and versions."""
    names = ("torch", "numba", "numpy")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = memory_bytes()
    described = {
        "Processor": processor(),
        "Cores, threads": f"{cores} usable, torch uses {torch.get_num_threads()}",
        "Memory": f"{memory / 2**30:.0f} GiB" if memory else "unknown",
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Packages": f"foveal {foveal.__version__}, {versions}",
    }
    return tuple(described.items())


def processor() -> str:
    """Return the processor's name as the system gives it."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_bytes() -> int:
    """Return the size of the memory, 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
