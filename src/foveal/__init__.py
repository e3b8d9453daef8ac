# SPDX-License-Identifier: Apache-2.0
"""Differentiable computer vision for PyTorch: Kornia's names, fused kernels, exact subpixel localization."""

import importlib
from typing import TYPE_CHECKING, Any

from foveal._op import use_kernels

if TYPE_CHECKING:
    from foveal._interchange import to_jax as to_jax
    from foveal._interchange import to_numpy as to_numpy
    from foveal._interchange import to_tensorflow as to_tensorflow
    from foveal.geometry.grid import create_meshgrid as create_meshgrid
    from foveal.geometry.grid import create_meshgrid3d as create_meshgrid3d
    from foveal.geometry.pointcloud import load_pointcloud_ply as load_pointcloud_ply
    from foveal.geometry.pointcloud import save_pointcloud_ply as save_pointcloud_ply
    from foveal.image.array import image_to_tensor as image_to_tensor
    from foveal.image.array import tensor_to_image as tensor_to_image
    from foveal.image.draw import draw_convex_polygon as draw_convex_polygon
    from foveal.image.draw import draw_line as draw_line
    from foveal.image.draw import draw_point2d as draw_point2d
    from foveal.image.draw import draw_rectangle as draw_rectangle
    from foveal.image.terminal import image_to_string as image_to_string
    from foveal.image.terminal import print_image as print_image
    from foveal.utils.like import eye_like as eye_like
    from foveal.utils.like import vec_like as vec_like
    from foveal.utils.one_hot import one_hot as one_hot

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

# Names of other packages that stand here as well, by the module that has them: imported when they are asked for.
_NAMES = {
    "_interchange": ("to_jax", "to_numpy", "to_tensorflow"),
    "geometry.grid": ("create_meshgrid", "create_meshgrid3d"),
    "geometry.pointcloud": ("load_pointcloud_ply", "save_pointcloud_ply"),
    "image.array": ("image_to_tensor", "tensor_to_image"),
    "image.draw": ("draw_convex_polygon", "draw_line", "draw_point2d", "draw_rectangle"),
    "image.terminal": ("image_to_string", "print_image"),
    "utils.like": ("eye_like", "vec_like"),
    "utils.one_hot": ("one_hot",),
}
_PLACES = {name: place for place, names in _NAMES.items() for name in names}

__all__ = ["__version__", "use_kernels"]


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return importlib.import_module(f"foveal.{name}")
    if name in _PLACES:
        return getattr(importlib.import_module(f"foveal.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'foveal' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_PACKAGES, *_PLACES])
