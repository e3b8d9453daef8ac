# SPDX-License-Identifier: Apache-2.0
"""Files of an estimated depth, written whole or not at all."""

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from foveal._files import folder_written_whole
from foveal.apps.depth.estimate import Estimate
from foveal.apps.depth.views import View
from foveal.color import ColorMap, apply_colormap
from foveal.geometry.depth import depth_to_3d_v2
from foveal.geometry.pointcloud import save_pointcloud_ply_binary

FILES = ("depth.npy", "depth.png", "depth_colours.png", "points.ply")
# The unit of the 16-bit picture: the least power of ten that holds the largest depth.
LARGEST = 65535


def write_depth(folder: Path, view: View, estimate: Estimate) -> float:
    """Write depth as `depth.npy` (float32), `depth.png` (16 bits), `depth_colours.png`, and points as `points.ply`.

    Args:
        folder: where to; it is made where it is missing. Either all files are written or none is.
        view: the view of the depth, whose camera's frame the points are in.
        estimate: its depth.

    Returns:
        What one step of `depth.png` stands for; 0 in it is a pixel that no other view sees.

    Raises:
        OSError: the files cannot be written.
    """
    depth = estimate.depth.cpu()
    unit = picture_unit(float(depth.max()))
    steps = torch.where(estimate.seen.cpu(), (depth / unit).round().clamp(1, LARGEST), 0)
    with folder_written_whole(folder) as draft:
        np.save(draft / FILES[0], depth.numpy().astype(np.float32))
        _picture(steps.numpy().astype(np.uint16), draft / FILES[1])
        _picture(colours(depth), draft / FILES[2])
        points = depth_to_3d_v2(depth, view.calibration.cpu()[None])[0]
        save_pointcloud_ply_binary(draft / FILES[3], points[estimate.seen.cpu()][None])
    return unit


def picture_unit(largest: float) -> float:
    """Return the least power of ten that is large enough for 65535 steps to reach a depth."""
    unit = 1e-9
    while largest / unit > LARGEST:
        unit *= 10
    return float(f"{unit:.0e}")


def colours(depth: Tensor) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Return depth as a picture: near is yellow, far is blue, by inverse depth between its percentiles 1 and 99."""
    inverse = 1 / depth
    low, high = (torch.quantile(inverse.flatten()[:: max(inverse.numel() // 100_000, 1)], q) for q in (0.01, 0.99))
    share = ((inverse - low) / (high - low).clamp_min(1e-12)).clamp(0, 1)
    painted = apply_colormap(share[None], ColorMap("viridis", 256))[0]
    return (painted.permute(1, 2, 0) * 255).round().byte().numpy()


def _picture(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8 | np.uint16]]", path: Path) -> None:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    path.write_bytes(stream.getvalue())
