# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.conversions as kornia
import torch

from benchmarks.geometry.conversions.rows import COUNT, row_races
from foveal.geometry.conversions import axis_angle_to_quaternion, axis_angle_to_rotation_matrix

vectors = torch.randn(COUNT, 3)
RACES = [
    *row_races(axis_angle_to_rotation_matrix, kornia.axis_angle_to_rotation_matrix, vectors, width=9, size="1000000x3"),
    *row_races(axis_angle_to_quaternion, kornia.axis_angle_to_quaternion, vectors, width=4, size="1000000x3"),
]
