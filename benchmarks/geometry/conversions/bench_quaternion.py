# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.conversions as kornia
import torch

from benchmarks.geometry.conversions.rows import COUNT, row_races
from foveal.geometry.conversions import (
    normalize_quaternion,
    quaternion_exp_to_log,
    quaternion_log_to_exp,
    quaternion_to_axis_angle,
    quaternion_to_rotation_matrix,
    rotation_matrix_to_axis_angle,
    rotation_matrix_to_quaternion,
)

quaternions = torch.randn(COUNT, 4)
matrices = quaternion_to_rotation_matrix(quaternions)
RACES = []
for operation, inputs, width, size in (
    (normalize_quaternion, quaternions, 4, "1000000x4"),
    (quaternion_to_rotation_matrix, quaternions, 9, "1000000x4"),
    (quaternion_to_axis_angle, quaternions, 3, "1000000x4"),
    (quaternion_exp_to_log, quaternions, 3, "1000000x4"),
    (quaternion_log_to_exp, quaternions[:, 1:].contiguous(), 4, "1000000x3"),
    (rotation_matrix_to_quaternion, matrices, 4, "1000000x3x3"),
    (rotation_matrix_to_axis_angle, matrices, 3, "1000000x3x3"),
):
    RACES += row_races(operation, getattr(kornia, operation.__name__), inputs, width=width, size=size)
