# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.subpix as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.subpix import conv_soft_argmax2d, conv_soft_argmax3d

RACES = []
for operation, peer, name, maps in (
    (conv_soft_argmax2d, kornia.conv_soft_argmax2d, "conv_soft_argmax2d 3x3", torch.randn(8, 17, 64, 64)),
    (conv_soft_argmax3d, kornia.conv_soft_argmax3d, "conv_soft_argmax3d", torch.randn(1, 1, 5, 256, 256)),
):
    # Read once; written once per coordinate, and once for the value of the 3-D form.
    written = maps.nbytes * (2 if maps.ndim == 4 else 4)
    for way, time, goal in (("", forward, 10.0), (" +backward", forward_backward, 5.0)):
        RACES.append(
            Race(
                name=f"{name}{way}",
                size="x".join(map(str, maps.shape)),
                foveal=time(operation, maps),
                peers={"kornia": time(peer, maps)},
                goal={"kornia": goal},
                bytes_moved=(maps.nbytes + written) * (1 if time is forward else 2),
            )
        )
