# SPDX-License-Identifier: Apache-2.0
"""Differentiable computer vision for PyTorch: Kornia's names, fused kernels, exact subpixel localization."""

import importlib
from types import ModuleType

from foveal._op import use_kernels

__version__ = "0.1.0"

_PACKAGES = (
    "color",
    "constants",
    "core",
    "enhance",
    "filters",
    "geometry",
    "image",
    "io",
    "losses",
    "metrics",
    "morphology",
    "peaks",
    "sensors",
    "utils",
)

__all__ = ["__version__", "use_kernels"]


def __getattr__(name: str) -> ModuleType:
    if name in _PACKAGES:
        return importlib.import_module(f"foveal.{name}")
    raise AttributeError(f"module 'foveal' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_PACKAGES])
