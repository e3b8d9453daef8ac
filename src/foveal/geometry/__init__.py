# SPDX-License-Identifier: Apache-2.0
"""Geometry: subpixel localization, transforms, conversions, rigid motions, boxes and keypoints."""

from foveal.geometry import bbox as bbox
from foveal.geometry import boxes as boxes
from foveal.geometry import camera as camera
from foveal.geometry import conversions as conversions
from foveal.geometry import depth as depth
from foveal.geometry import grid as grid
from foveal.geometry import keypoints as keypoints
from foveal.geometry import liegroup as liegroup
from foveal.geometry import linalg as linalg
from foveal.geometry import pointcloud as pointcloud
from foveal.geometry import pose as pose
from foveal.geometry import quaternion as quaternion
from foveal.geometry import subpix as subpix
from foveal.geometry import transform as transform
from foveal.geometry import vector as vector
from foveal.geometry.bbox import *  # noqa: F403
from foveal.geometry.camera import *  # noqa: F403
from foveal.geometry.conversions import *  # noqa: F403
from foveal.geometry.depth import *  # noqa: F403
from foveal.geometry.grid import *  # noqa: F403
from foveal.geometry.liegroup import *  # noqa: F403
from foveal.geometry.linalg import *  # noqa: F403
from foveal.geometry.pointcloud import *  # noqa: F403
from foveal.geometry.pose import *  # noqa: F403
from foveal.geometry.quaternion import Quaternion as Quaternion
from foveal.geometry.subpix import *  # noqa: F403
from foveal.geometry.transform import *  # noqa: F403
