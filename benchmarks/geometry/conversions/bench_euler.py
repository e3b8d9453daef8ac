# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.conversions as kornia
import torch

from benchmarks.geometry.conversions.rows import COUNT, row_races
from foveal.geometry.conversions import euler_from_quaternion, quaternion_from_euler

RACES = [
    *row_races(
        quaternion_from_euler, kornia.quaternion_from_euler, *torch.randn(3, COUNT), width=4, size="3 x 1000000"
    ),
    *row_races(
        euler_from_quaternion, kornia.euler_from_quaternion, *torch.randn(4, COUNT), width=3, size="4 x 1000000"
    ),
]
