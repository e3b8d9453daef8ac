# SPDX-License-Identifier: Apache-2.0
"""A small scene with exact depth: a tilted plane with a smooth random texture, seen by three cameras."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

from foveal.apps.depth import Scene, View
from foveal.geometry.camera import PinholeCamera
from foveal.geometry.grid import create_meshgrid

WIDTH, HEIGHT, DEPTH, TILT = 48, 36, 4.0, 0.2


def tilted_plane() -> tuple[Scene, Tensor]:
    """Return the scene, and the depth of its first view: z = DEPTH + TILT * x."""
    generator = torch.Generator().manual_seed(0)
    texture = interpolate(torch.rand(1, 3, 40, 40, generator=generator), scale_factor=6, mode="bicubic").clamp(0, 1)
    views, exact = [], torch.empty(0)
    for index, x in enumerate((0.0, -0.3, 0.3)):
        matrix, pose = torch.eye(4)[None].clone(), torch.eye(4)[None].clone()
        matrix[:, 0, 0] = matrix[:, 1, 1] = WIDTH
        matrix[:, 0, 2], matrix[:, 1, 2] = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
        pose[:, 0, 3] = -x
        camera = PinholeCamera(matrix, pose, torch.tensor([HEIGHT]), torch.tensor([WIDTH]))
        points = camera.unproject(create_meshgrid(HEIGHT, WIDTH, False), torch.ones(1, HEIGHT, WIDTH, 1))
        rays = points[0] - torch.tensor([x, 0.0, 0.0])
        distance = (DEPTH + TILT * x) / (rays[..., 2] - TILT * rays[..., 0])
        place = torch.tensor([x, 0.0, 0.0]) + rays * distance[..., None]
        image = grid_sample(texture, place[None, ..., :2] / 4, align_corners=False)[0]
        views.append(View(f"{index}.png", image, camera.camera_matrix[0], camera.extrinsics[0]))
        if index == 0:
            exact = distance
    return Scene(views, (2.0, 10.0)), exact


def write_scene(folder: Path) -> Path:
    """Write the scene with its images and `scene.json`."""
    scene, _ = tilted_plane()
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for view in scene.views:
        pixels = (view.image.permute(1, 2, 0) * 255).round().byte().numpy()
        Image.fromarray(pixels).save(folder / view.name)
        k = view.calibration
        values = [float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2])]
        entries.append({"image": view.name, "intrinsics": values, "world_to_camera": view.pose.tolist()})
    (folder / "scene.json").write_text(json.dumps({"views": entries, "depth_range": list(scene.depth_range or ())}))
    return folder


def write_colmap(folder: Path, points: bool = True) -> Path:
    """Write the scene as a COLMAP model with its images."""
    write_scene(folder / "images")
    (folder / "images" / "scene.json").unlink()
    model = folder / "sparse" / "0"
    model.mkdir(parents=True)
    scene, exact = tilted_plane()
    k = scene.views[0].calibration
    camera = f"1 PINHOLE {WIDTH} {HEIGHT} {k[0, 0]} {k[1, 1]} {k[0, 2] + 0.5} {k[1, 2] + 0.5}"
    (model / "cameras.txt").write_text(f"# Camera list\n{camera}\n")
    lines = ["# Image list"]
    for index, view in enumerate(scene.views):
        lines += [f"{index + 1} 1 0 0 0 {' '.join(str(float(t)) for t in view.pose[:3, 3])} 1 {view.name}", ""]
    (model / "images.txt").write_text("\n".join(lines) + "\n")
    if points:
        depths = np.linspace(float(exact.min()), float(exact.max()), 50)
        rows = [f"{i} 0 0 {z} 255 255 255 0.5 1 0" for i, z in enumerate(depths)]
        (model / "points3D.txt").write_text("\n".join(rows) + "\n")
    return folder
