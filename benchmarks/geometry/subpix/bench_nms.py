# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.subpix as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.subpix import nms2d, nms3d, nms3d_minmax

RACES = []
for shape, windows in (((1, 1, 16, 16), (3,)), ((8, 17, 64, 64), (3, 5, 15)), ((1, 1, 1080, 1920), (3, 5))):
    maps = torch.randn(shape)
    for window in windows:
        for way, time in (("", forward), (" +backward", forward_backward)):
            RACES.append(
                Race(
                    name=f"nms2d {window}x{window}{way}",
                    size="x".join(map(str, shape)),
                    foveal=time(nms2d, maps, (window, window)),
                    peers={"kornia": time(kornia.nms2d, maps, (window, window))},
                    goal={"kornia": 1.0},
                    bytes_moved=maps.nbytes * (2 if time is forward else 5),
                )
            )

for shape in ((1, 1, 5, 16, 16), (1, 1, 5, 256, 256)):
    volume = torch.randn(shape)
    for name, function, rival, arguments, written in (
        ("nms3d 3x3x3", nms3d, kornia.nms3d, ((3, 3, 3),), 4),
        ("nms3d 5x5x5", nms3d, kornia.nms3d, ((5, 5, 5),), 4),
        ("nms3d_minmax", nms3d_minmax, kornia.nms3d_minmax, (), 2),
    ):
        RACES.append(
            Race(
                name=name,
                size="x".join(map(str, shape)),
                foveal=forward(function, volume, *arguments),
                peers={"kornia": forward(rival, volume, *arguments)},
                goal={"kornia": 1.0},
                bytes_moved=volume.nbytes + written * volume.numel(),
            )
        )
