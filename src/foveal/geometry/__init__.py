# SPDX-License-Identifier: Apache-2.0
"""Geometry: subpixel localization and transforms."""

from foveal.geometry import grid as grid
from foveal.geometry import subpix as subpix
from foveal.geometry import transform as transform
from foveal.geometry.grid import *  # noqa: F403
from foveal.geometry.subpix import *  # noqa: F403
from foveal.geometry.transform import *  # noqa: F403
