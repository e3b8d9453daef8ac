# SPDX-License-Identifier: Apache-2.0
import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.peaks.bench_local_peaks import draw_maps
from benchmarks.race import Race
from foveal.peaks import find_global_peaks, find_global_peaks_rough


def plain_rough(cms: Tensor, threshold: float = 0.1) -> tuple[Tensor, Tensor]:
    """Take one argmax over each flat map."""
    values, places = cms.flatten(2).max(dim=-1)
    points = torch.stack([places % cms.shape[3], places // cms.shape[3]], dim=-1).to(cms.dtype)
    return torch.where((values < threshold)[..., None], torch.nan, points), values


def plain_quadratic(cms: Tensor, threshold: float = 0.2) -> tuple[Tensor, Tensor]:
    """Refine it by a parabola through the logarithm of three pixels along each axis."""
    points, values = plain_rough(cms, threshold)
    height, width = cms.shape[2:]
    column, row = points.nan_to_num(0).long().unbind(dim=-1)
    column, row = column.clamp(1, width - 2), row.clamp(1, height - 2)
    maps, near = cms.flatten(2), torch.arange(-1, 2)
    offsets = []
    for places in (
        row[..., None] * width + column[..., None] + near,
        (row[..., None] + near) * width + column[..., None],
    ):
        before, here, after = maps.gather(-1, places).clamp_min(1e-10).log().unbind(dim=-1)
        offsets.append((after - before) / (2 * (2 * here - before - after).clamp_min(1e-10)))
    return points + torch.stack(offsets, dim=-1), values


RACES = []
for size in ((8, 17, 256), (8, 17, 64), (1, 1, 1024)):
    maps = draw_maps(*size, peaks=1)
    name = f"{size[0]}x{size[1]}x{size[2]}x{size[2]}"
    RACES.append(
        Race(
            name="find_global_peaks_rough",
            size=name,
            foveal=forward(find_global_peaks_rough, maps),
            peers={"torch": forward(plain_rough, maps)},
            goal={"torch": 1.0},
            bytes_moved=maps.nbytes,
        )
    )
    for way, time, passes in (("", forward, 1), (" +backward", forward_backward, 3)):
        RACES.append(
            Race(
                name=f"find_global_peaks log_quadratic{way}",
                size=name,
                foveal=time(find_global_peaks, maps, refinement="log_quadratic"),
                peers={"torch": time(plain_quadratic, maps)},
                goal={"torch": 1.0},
                bytes_moved=passes * maps.nbytes,
            )
        )
    # The plain version stops at the parabola: what the fit costs above it.
    RACES.append(
        Race(
            name="find_global_peaks gaussian",
            size=name,
            foveal=forward(find_global_peaks, maps, refinement="gaussian"),
            peers={"torch": forward(plain_quadratic, maps)},
            bytes_moved=maps.nbytes,
        )
    )
