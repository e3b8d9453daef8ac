# SPDX-License-Identifier: Apache-2.0
import kornia.metrics
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal import metrics

RACES = [
    Race(
        name=f"{name}{' masked' if mask is not None else ''}{way}",
        size="x".join(map(str, target.shape)),
        foveal=time(getattr(metrics, name), disparity, target, valid_mask=mask),
        peers={"kornia": time(getattr(kornia.metrics, name), disparity, target, valid_mask=mask)},
        goal={"kornia": 1.0},
        bytes_moved=target.nbytes * (2 if time is forward else 6) + (0 if mask is None else valid.nbytes),
    )
    for shape in ((8, 512, 512), (4, 256, 256))
    for target in [torch.rand(shape) * 60]
    for disparity in [target + torch.randn(shape) * 3]
    for valid in [torch.rand(shape) < 0.8]
    for name, ways in (
        ("mean_absolute_disparity_error", (("", forward), (" +backward", forward_backward))),
        ("root_mean_squared_disparity_error", (("", forward), (" +backward", forward_backward))),
        ("mean_bad_pixel_error", (("", forward),)),
        ("kitti_d1_error", (("", forward),)),
    )
    for mask in (None, valid)
    for way, time in ways
]
