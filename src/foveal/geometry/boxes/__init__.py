# SPDX-License-Identifier: Apache-2.0
"""Boxes of images, videos and volumes as objects."""

from foveal.geometry.boxes.boxes import Boxes
from foveal.geometry.boxes.boxes3d import Boxes3D
from foveal.geometry.boxes.video import VideoBoxes

__all__ = ["Boxes", "Boxes3D", "VideoBoxes"]
