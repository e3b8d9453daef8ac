# SPDX-License-Identifier: Apache-2.0
"""Depth of a view from other views of the same scene, by gradient descent on the photometric error."""

from foveal.apps.depth.estimate import Estimate, Settings, estimate_depth
from foveal.apps.depth.scene import Scene, SceneError, View, read_scene

__all__ = ["Estimate", "Scene", "SceneError", "Settings", "View", "estimate_depth", "read_scene"]
