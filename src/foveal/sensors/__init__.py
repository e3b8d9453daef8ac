# SPDX-License-Identifier: Apache-2.0
"""Sensors: models of cameras with their lenses."""

from foveal.sensors import camera as camera
