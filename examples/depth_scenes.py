# SPDX-License-Identifier: Apache-2.0
"""Scenes with exact depth: textured planes and spheres, seen by the library's cameras."""

import math
from dataclasses import dataclass

import skimage.data
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

from foveal.apps.depth import Scene, View, estimate_depth
from foveal.geometry.camera import PinholeCamera
from foveal.geometry.conversions import axis_angle_to_rotation_matrix
from foveal.geometry.grid import create_meshgrid

# Rays per pixel along each axis: textures are finer than pixels.
RAYS = 3
# What the search is told: nothing is nearer or farther.
NEAR, FAR = 1.5, 10.0


@dataclass
class Plane:
    """A rectangle: centre, axes of half its sides, and a photograph on it."""

    centre: tuple[float, float, float]
    across: tuple[float, float, float]
    down: tuple[float, float, float]
    photo: str

    def hit(self, origin: Tensor, rays: Tensor) -> tuple[Tensor, Tensor]:
        """Return the distance along rays (inf where they miss) and the place on the photograph in [-1, 1]."""
        across, down = rays.new_tensor(self.across), rays.new_tensor(self.down)
        normal = torch.linalg.cross(across, down)
        offset = rays.new_tensor(self.centre) - origin
        distance = (offset * normal).sum(-1) / (rays * normal).sum(-1)
        place = rays * distance[..., None] - offset
        uv = torch.stack([(place * axis).sum(-1) / axis.square().sum() for axis in (across, down)], dim=-1)
        missed = (uv.abs().amax(-1) > 1) | (distance <= 0)
        return torch.where(missed, torch.inf, distance), uv


@dataclass
class Sphere:
    """A ball with a photograph on its front."""

    centre: tuple[float, float, float]
    radius: float
    photo: str

    def hit(self, origin: Tensor, rays: Tensor) -> tuple[Tensor, Tensor]:
        """Return the distance along rays (inf where they miss) and the place on the photograph in [-1, 1]."""
        offset = origin - rays.new_tensor(self.centre)
        square = rays.square().sum(-1)
        half = (rays * offset).sum(-1)
        root = half.square() - square * (offset.square().sum(-1) - self.radius**2)
        distance = (-half - root.clamp_min(0).sqrt()) / square
        place = (offset + rays * distance[..., None]) / self.radius
        missed = (root <= 0) | (distance <= 0)
        return torch.where(missed, torch.inf, distance), place[..., :2].asin() / (math.pi / 2)


def wall(depth: float, photo: str, tilt: float = 0.0, slope: float = 0.0) -> Plane:
    """Return a plane across the whole picture: its depth grows by `tilt` to the right and by `slope` downwards."""
    side = 1.1 * depth
    return Plane((0, 0, depth), (side, 0, tilt * side), (0, 0.8 * side, slope * side), photo)


SCENES: dict[str, list[Plane | Sphere]] = {
    "slope": [wall(4.0, "gravel", 0.25, 0.1)],
    "ball": [wall(5.0, "brick", -0.1), Sphere((0.1, 0.0, 3.2), 0.8, "coffee")],
    "floor": [
        wall(6.0, "astronaut"),
        Plane((0, 1.0, 4.5), (5.0, 0, 0), (0, 0, 2.5), "grass"),
        Sphere((-0.7, 0.4, 3.6), 0.6, "gravel"),
        Sphere((0.9, 0.5, 4.2), 0.5, "chelsea"),
    ],
    "cards": [
        wall(6.5, "gravel", 0.1),
        Plane((-0.9, -0.2, 4.5), (0.8, 0, 0.2), (0, 0.8, 0), "coffee"),
        Plane((0.9, 0.3, 3.5), (0.6, 0, -0.2), (0, 0.6, 0.1), "astronaut"),
    ],
    "corner": [
        Plane((-2.0, 0, 5.0), (2.2, 0, 1.6), (0, 4.0, 0), "brick"),
        Plane((2.0, 0, 5.0), (2.2, 0, -1.6), (0, 4.0, 0), "grass"),
        Sphere((0.0, 0.2, 4.0), 0.7, "rocket"),
    ],
}


def photograph(name: str) -> Tensor:
    """Return a photograph of scikit-image as (1, 3, H, W) in [0, 1]."""
    pixels = torch.from_numpy(getattr(skimage.data, name)()).float() / 255
    pixels = pixels[..., None].expand(-1, -1, 3) if pixels.ndim == 2 else pixels[..., :3]
    return pixels.permute(2, 0, 1)[None]


def cameras(width: int, height: int, baseline: float = 0.25) -> list[PinholeCamera]:
    """Return three cameras side by side, the middle one the world's, the others turned a little towards it."""
    views = []
    for side in (0, -1, 1):
        turn = axis_angle_to_rotation_matrix(torch.tensor([[0.01 * side, 0.03 * side, 0.01]]) * abs(side))
        pose = torch.eye(4)[None].clone()
        pose[:, :3, :3] = turn
        pose[:, :3, 3:] = -turn @ torch.tensor([side * baseline, 0.04 * side * side, 0.03 * side])[:, None]
        matrix = torch.eye(4)[None].clone()
        matrix[:, 0, 0] = matrix[:, 1, 1] = 0.95 * width
        matrix[:, 0, 2], matrix[:, 1, 2] = (width - 1) / 2, (height - 1) / 2
        views.append(PinholeCamera(matrix, pose, torch.tensor([float(height)]), torch.tensor([float(width)])))
    return views


def cast(camera: PinholeCamera, things: list[Plane | Sphere]) -> tuple[Tensor, Tensor]:
    """Return colours (3, H, W) and depth (H, W) of the nearest thing on the ray of each pixel."""
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
        painted = grid_sample(photograph(thing.photo), place[None], padding_mode="reflection", align_corners=False)[0]
        depth, colours = torch.where(nearer, distance, depth), torch.where(nearer, painted, colours)
    return colours, depth


def render(name: str, width: int = 320, height: int = 240) -> tuple[Scene, Tensor]:
    """Return a scene of three views, and the exact depth of its first one, (H, W)."""
    views, generator = [], torch.Generator().manual_seed(0)
    for label, camera in zip(("middle", "left", "right"), cameras(width, height), strict=True):
        colours, _ = cast(camera.scale(RAYS, half_pixel=True), SCENES[name])
        noise = 0.005 * torch.randn(3, height, width, generator=generator)
        pixels = (avg_pool2d(colours[None], RAYS)[0] + noise).clamp(0, 1)
        views.append(View(label, pixels, camera.camera_matrix[0], camera.extrinsics[0]))
    _, depth = cast(cameras(width, height)[0], SCENES[name])
    return Scene(views, (NEAR, FAR)), depth


def relative_error(found: Tensor, exact: Tensor) -> float:
    """Return the mean of |found - exact| / exact."""
    return ((found - exact).abs() / exact).mean().item()


def main() -> None:
    """Render a small scene, and find its depth."""
    scene, exact = render("ball", 80, 60)
    estimate = estimate_depth(scene)
    print(f"{len(scene.views)} views of 80 x 60, depths from {exact.min():.2f} to {exact.max():.2f}")
    print(f"mean relative error of the depth: {100 * relative_error(estimate.depth, exact):.2f} %")


if __name__ == "__main__":
    main()
