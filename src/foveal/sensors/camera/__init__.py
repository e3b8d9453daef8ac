# SPDX-License-Identifier: Apache-2.0
"""Models of cameras: a projection and the distortion of a lens.

Points at or behind the plane of a camera are projected as `foveal.geometry.camera` says.
"""

from foveal.sensors.camera import distortion_model as distortion_model
from foveal.sensors.camera import projection_model as projection_model
from foveal.sensors.camera.camera_model import (
    BrownConradyModel,
    CameraModel,
    CameraModelBase,
    CameraModelType,
    KannalaBrandtK3,
    Orthographic,
    PinholeModel,
)

__all__ = [
    "BrownConradyModel",
    "CameraModel",
    "CameraModelBase",
    "CameraModelType",
    "KannalaBrandtK3",
    "Orthographic",
    "PinholeModel",
]
