# SPDX-License-Identifier: Apache-2.0
"""Utilities: grids, labels, images as tensors, drawing."""

from foveal.geometry.grid import create_meshgrid, create_meshgrid3d
from foveal.utils.like import eye_like, vec_like
from foveal.utils.one_hot import one_hot

__all__ = ["create_meshgrid", "create_meshgrid3d", "eye_like", "one_hot", "vec_like"]
