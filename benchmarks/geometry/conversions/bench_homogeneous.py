# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.conversions as kornia
import torch

from benchmarks.geometry.conversions.rows import COUNT, row_races
from foveal.geometry.conversions import convert_points_from_homogeneous

RACES = []
for width in (3, 4):
    points = torch.rand(COUNT, width) + 0.5
    RACES += row_races(
        convert_points_from_homogeneous,
        kornia.convert_points_from_homogeneous,
        points,
        width=width - 1,
        size=f"1000000x{width}",
    )
