# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.subpix as kornia
import torch
from torch.nn.functional import avg_pool3d

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.subpix import conv_quad_interp3d, iterative_quad_interp3d

noise = torch.randn(1, 1, 5, 256, 256)
# A maximum per 90 voxels instead of one per 46.
smooth = avg_pool3d(noise, (3, 9, 9), stride=1, padding=(1, 4, 4))

RACES = []
for kind, volume in (("", noise), (" smooth", smooth), ("", torch.randn(1, 1, 3, 16, 16))):
    for function, rival, options, least in (
        (conv_quad_interp3d, kornia.conv_quad_interp3d, {}, (10.0, 5.0)),
        (iterative_quad_interp3d, kornia.iterative_quad_interp3d, {}, (1.0, 1.0)),
        (iterative_quad_interp3d, kornia.iterative_quad_interp3d, {"max_candidates": 500}, (1.0, 1.0)),
    ):
        for way, time, goal in (("", forward, least[0]), (" +backward", forward_backward, least[1])):
            RACES.append(
                Race(
                    name=f"{function.__name__}{kind}{' of 500' if options else ''}{way}",
                    size="x".join(map(str, volume.shape)),
                    foveal=time(function, volume, **options),
                    peers={"kornia": time(rival, volume, **options)},
                    goal={"kornia": goal},
                    # Forward reads the volume, writes three coordinates and the value; backward reads volume and
                    # gradient of the value and writes the volume's.
                    bytes_moved=volume.nbytes * (5 if time is forward else 8),
                )
            )
