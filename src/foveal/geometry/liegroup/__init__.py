# SPDX-License-Identifier: Apache-2.0
"""Lie groups: rotations and rigid motions of the plane and of space."""

from foveal.geometry.liegroup.se2 import Se2
from foveal.geometry.liegroup.se3 import Se3
from foveal.geometry.liegroup.so2 import So2
from foveal.geometry.liegroup.so3 import So3

__all__ = ["Se2", "Se3", "So2", "So3"]
