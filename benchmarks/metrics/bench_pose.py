# SPDX-License-Identifier: Apache-2.0
import kornia.metrics
import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal import metrics

rotation, other = torch.linalg.qr(torch.randn(2, 10_000, 3, 3))[0]
shift, moved = torch.randn(2, 10_000, 3)
pose, right = torch.cat([rotation, shift.unsqueeze(2)], dim=2), torch.cat([other, moved.unsqueeze(2)], dim=2)

RACES = [
    Race(
        name=name,
        size="10000",
        foveal=forward(getattr(metrics, name), *arguments),
        peers={"kornia": forward(getattr(kornia.metrics, name), *arguments)},
        goal={"kornia": 1.0},
    )
    for name, arguments in (
        ("angle_error_mat", (rotation, other)),
        ("angle_error_vec", (shift, moved)),
        ("pose_errors", (pose, right)),
        ("translation_ate", (shift, moved)),
        ("auc_from_errors", (shift[:, 0].abs() * 9,)),
    )
]
