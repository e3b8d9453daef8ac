# SPDX-License-Identifier: Apache-2.0
import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.peaks import find_local_peaks, find_local_peaks_rough


def draw_maps(samples: int, channels: int, side: int, peaks: int = 2) -> Tensor:
    """Return maps of a few Gaussians each, as a pose network gives them."""
    generator = torch.Generator().manual_seed(0)
    centres = side * torch.rand(samples, channels, peaks, 2, 1, generator=generator)
    along = torch.exp(-((torch.arange(side) - centres) ** 2) / 12.5)
    return (along[..., 1, :, None] * along[..., 0, None, :]).amax(dim=2)


def plain_rough(cms: Tensor, threshold: float = 0.2) -> tuple[Tensor, ...]:
    """Find local maxima as PyTorch code usually does: max-pool, compare, nonzero, gather."""
    peaks = (max_pool2d(cms, 3, stride=1, padding=1) == cms) & (cms > threshold)
    sample, channel, row, column = peaks.nonzero().unbind(dim=-1)
    points = torch.stack([column, row], dim=-1).to(cms.dtype)
    return points, cms[sample, channel, row, column], sample.int(), channel.int()


def plain_log_quadratic(cms: Tensor, threshold: float = 0.2) -> tuple[Tensor, ...]:
    """Refine the plain maxima by a second-order Taylor step on the logarithm of 3x3 pixels."""
    points, values, sample, channel = plain_rough(cms, threshold)
    height, width = cms.shape[2:]
    column, row = points.long().unbind(dim=-1)
    column, row = column.clamp(1, width - 2), row.clamp(1, height - 2)
    near = torch.arange(-1, 2)
    window = cms[
        sample[:, None, None], channel[:, None, None], row[:, None, None] + near[:, None], column[:, None, None] + near
    ]
    window = window.clamp_min(1e-10).log()
    slope_x, slope_y = (window[:, 1, 2] - window[:, 1, 0]) / 2, (window[:, 2, 1] - window[:, 0, 1]) / 2
    bend_x = window[:, 1, 0] - 2 * window[:, 1, 1] + window[:, 1, 2]
    bend_y = window[:, 0, 1] - 2 * window[:, 1, 1] + window[:, 2, 1]
    mixed = (window[:, 2, 2] - window[:, 0, 2] - window[:, 2, 0] + window[:, 0, 0]) / 4
    determinant = bend_x * bend_y - mixed * mixed
    dx = (mixed * slope_y - bend_y * slope_x) / determinant
    dy = (mixed * slope_x - bend_x * slope_y) / determinant
    refined = torch.stack([column + dx, row + dy], dim=-1)
    return torch.where(determinant[:, None] > 0, refined, points), values, sample, channel


RACES = []
for size in ((8, 17, 256), (8, 17, 64), (1, 1, 1024)):
    maps = draw_maps(*size)
    name = f"{size[0]}x{size[1]}x{size[2]}x{size[2]}"
    RACES.append(
        Race(
            name="find_local_peaks_rough",
            size=name,
            foveal=forward(find_local_peaks_rough, maps),
            peers={"torch": forward(plain_rough, maps)},
            goal={"torch": 5.0},
            bytes_moved=maps.nbytes,
        )
    )
    for way, time, passes in (("", forward, 1), (" +backward", forward_backward, 3)):
        RACES.append(
            Race(
                name=f"find_local_peaks log_quadratic{way}",
                size=name,
                foveal=time(find_local_peaks, maps, refinement="log_quadratic"),
                peers={"torch": time(plain_log_quadratic, maps)},
                goal={"torch": 5.0 if time is forward else 1.0},
                bytes_moved=passes * maps.nbytes,
            )
        )
    # The plain version stops at the parabola: what the fit costs above it.
    RACES.append(
        Race(
            name="find_local_peaks gaussian",
            size=name,
            foveal=forward(find_local_peaks, maps, refinement="gaussian"),
            peers={"torch": forward(plain_log_quadratic, maps)},
            bytes_moved=maps.nbytes,
        )
    )
    RACES.append(
        Race(
            name="find_local_peaks log_quadratic max_peaks=20",
            size=name,
            foveal=forward(find_local_peaks, maps, refinement="log_quadratic", max_peaks=20),
            peers={"torch": forward(plain_log_quadratic, maps)},
            bytes_moved=maps.nbytes,
        )
    )
