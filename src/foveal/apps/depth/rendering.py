# SPDX-License-Identifier: Apache-2.0
"""Scenes with exact depth: planes and spheres with pictures on them, by ray casting with the library's cameras."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

from foveal.apps.depth.scene import Scene
from foveal.apps.depth.views import View
from foveal.geometry.camera import PinholeCamera
from foveal.geometry.conversions import axis_angle_to_rotation_matrix
from foveal.geometry.grid import create_meshgrid

# Rays per pixel along each axis: pictures are finer than pixels.
RAYS = 3
# Standard deviation of the noise of each view, of pixels in [0, 1].
NOISE = 0.005

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Plane:
    """A rectangle: centre, axes of half its sides, and a picture on it, (1, 3, H, W)."""

    centre: Triple
    across: Triple
    down: Triple
    picture: Tensor

    def hit(self, origin: Tensor, rays: Tensor) -> tuple[Tensor, Tensor]:
        """Return the distance along rays (inf where they miss) and the place on the picture in [-1, 1]."""
        across, down = rays.new_tensor(self.across), rays.new_tensor(self.down)
        normal = torch.linalg.cross(across, down)
        offset = rays.new_tensor(self.centre) - origin
        distance = (offset * normal).sum(-1) / (rays * normal).sum(-1)
        place = rays * distance[..., None] - offset
        uv = torch.stack([(place * axis).sum(-1) / axis.square().sum() for axis in (across, down)], dim=-1)
        missed = (uv.abs().amax(-1) > 1) | (distance <= 0)
        return torch.where(missed, torch.inf, distance), uv


@dataclass(frozen=True)
class Sphere:
    """A ball with a picture on its front, (1, 3, H, W)."""

    centre: Triple
    radius: float
    picture: Tensor

    def hit(self, origin: Tensor, rays: Tensor) -> tuple[Tensor, Tensor]:
        """Return the distance along rays (inf where they miss) and the place on the picture in [-1, 1]."""
        offset = origin - rays.new_tensor(self.centre)
        square = rays.square().sum(-1)
        half = (rays * offset).sum(-1)
        root = half.square() - square * (offset.square().sum(-1) - self.radius**2)
        distance = (-half - root.clamp_min(0).sqrt()) / square
        place = (offset + rays * distance[..., None]) / self.radius
        missed = (root <= 0) | (distance <= 0)
        return torch.where(missed, torch.inf, distance), place[..., :2].asin() / (math.pi / 2)


def wall(depth: float, picture: Tensor, tilt: float = 0.0, slope: float = 0.0) -> Plane:
    """Return a plane across the whole view: its depth grows by `tilt` to the right and by `slope` downwards."""
    side = 1.1 * depth
    return Plane((0, 0, depth), (side, 0, tilt * side), (0, 0.8 * side, slope * side), picture)


def three_cameras(width: int, height: int, baseline: float = 0.25) -> list[PinholeCamera]:
    """Return three cameras side by side, the middle one the world's, the others turned a little towards it."""
    cameras = []
    for side in (0, -1, 1):
        turn = axis_angle_to_rotation_matrix(torch.tensor([[0.01 * side, 0.03 * side, 0.01]]) * abs(side))
        pose = torch.eye(4)[None].clone()
        pose[:, :3, :3] = turn
        pose[:, :3, 3:] = -turn @ torch.tensor([side * baseline, 0.04 * side * side, 0.03 * side])[:, None]
        matrix = torch.eye(4)[None].clone()
        matrix[:, 0, 0] = matrix[:, 1, 1] = 0.95 * width
        matrix[:, 0, 2], matrix[:, 1, 2] = (width - 1) / 2, (height - 1) / 2
        cameras.append(PinholeCamera(matrix, pose, torch.tensor([float(height)]), torch.tensor([float(width)])))
    return cameras


def cast(
    camera: PinholeCamera, things: Sequence[Plane | Sphere]
) -> tuple[Float[Tensor, "3 height width"], Float[Tensor, "height width"]]:
    """Return colours and depth of the nearest thing on the ray of each pixel."""
    height, width = int(camera.height.item()), int(camera.width.item())
    pixels = create_meshgrid(height, width, normalized_coordinates=False)
    points = camera.unproject(pixels, torch.ones(1, height, width, 1))
    origin = -(camera.rotation_matrix[0].T @ camera.translation_vector[0])[:, 0]
    # With ends of rays at depth 1, the distance along a ray is the depth.
    rays = points[0] - origin
    depth, colours = torch.full((height, width), torch.inf), torch.zeros(3, height, width)
    for thing in things:
        distance, place = thing.hit(origin, rays)
        nearer = distance < depth
        painted = grid_sample(thing.picture, place[None], padding_mode="reflection", align_corners=False)[0]
        depth, colours = torch.where(nearer, distance, depth), torch.where(nearer, painted, colours)
    return colours, depth


def render(
    things: Sequence[Plane | Sphere], depth_range: tuple[float, float], width: int = 320, height: int = 240
) -> tuple[Scene, Float[Tensor, "height width"]]:
    """Return a scene of three views, with a little noise, and the exact depth of its first one."""
    views, generator = [], torch.Generator().manual_seed(0)
    cameras = three_cameras(width, height)
    for name, camera in zip(("middle", "left", "right"), cameras, strict=True):
        colours, _ = cast(camera.scale(RAYS, half_pixel=True), things)
        noise = NOISE * torch.randn(3, height, width, generator=generator)
        pixels = (avg_pool2d(colours[None], RAYS)[0] + noise).clamp(0, 1)
        views.append(View(name, pixels, camera.camera_matrix[0], camera.extrinsics[0]))
    return Scene(views, depth_range), cast(cameras[0], things)[1]
