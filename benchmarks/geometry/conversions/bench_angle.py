# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.conversions as kornia
import torch

from benchmarks.geometry.conversions.rows import COUNT, row_races
from foveal.geometry.conversions import angle_to_rotation_matrix

angles = 360 * torch.randn(COUNT)
RACES = list(row_races(angle_to_rotation_matrix, kornia.angle_to_rotation_matrix, angles, width=4, size="1000000"))
