# SPDX-License-Identifier: Apache-2.0
import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.peaks import render_confidence_maps


def plain(points: Tensor, size: tuple[int, int], sigma: float) -> Tensor:
    """Squared distances of every pixel to every point, as encoders are usually written."""
    y = torch.arange(size[0], dtype=points.dtype)[:, None]
    x = torch.arange(size[1], dtype=points.dtype)
    square = (x - points[..., 0, None, None]) ** 2 + (y - points[..., 1, None, None]) ** 2
    maps = torch.exp(square / (-2 * sigma**2))
    return maps.amax(dim=1) if maps.ndim == 5 else maps


RACES = []
for instances, side in ((None, 64), (None, 256), (5, 64), (5, 256)):
    shape = (8, 17, 2) if instances is None else (8, instances, 17, 2)
    points = torch.rand(shape) * side
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"render_confidence_maps {instances or 1} instances{way}",
                size=f"8x17x{side}x{side}",
                foveal=time(render_confidence_maps, points, (side, side), 2.5),
                peers={"torch": time(plain, points, (side, side), 2.5)},
                bytes_moved=8 * 17 * side * side * 4 * (1 if time is forward else 3),
            )
        )
