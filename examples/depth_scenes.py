# SPDX-License-Identifier: Apache-2.0
"""Scenes with exact depth: planes and spheres with scikit-image's photographs on them, seen by three cameras."""

from functools import cache

import skimage.data
import torch
from torch import Tensor

from foveal.apps.depth import Scene, estimate_depth, rendering
from foveal.apps.depth.rendering import Plane, Sphere, wall

# What the search is told: nothing is nearer or farther.
NEAR, FAR = 1.5, 10.0


@cache
def photograph(name: str) -> Tensor:
    """Return a photograph of scikit-image as (1, 3, H, W) in [0, 1]."""
    pixels = torch.from_numpy(getattr(skimage.data, name)()).float() / 255
    pixels = pixels[..., None].expand(-1, -1, 3) if pixels.ndim == 2 else pixels[..., :3]
    return pixels.permute(2, 0, 1)[None]


SCENES: dict[str, list[Plane | Sphere]] = {
    "slope": [wall(4.0, photograph("gravel"), 0.25, 0.1)],
    "ball": [wall(5.0, photograph("brick"), -0.1), Sphere((0.1, 0.0, 3.2), 0.8, photograph("coffee"))],
    "floor": [
        wall(6.0, photograph("astronaut")),
        Plane((0, 1.0, 4.5), (5.0, 0, 0), (0, 0, 2.5), photograph("grass")),
        Sphere((-0.7, 0.4, 3.6), 0.6, photograph("gravel")),
        Sphere((0.9, 0.5, 4.2), 0.5, photograph("chelsea")),
    ],
    "cards": [
        wall(6.5, photograph("gravel"), 0.1),
        Plane((-0.9, -0.2, 4.5), (0.8, 0, 0.2), (0, 0.8, 0), photograph("coffee")),
        Plane((0.9, 0.3, 3.5), (0.6, 0, -0.2), (0, 0.6, 0.1), photograph("astronaut")),
    ],
    "corner": [
        Plane((-2.0, 0, 5.0), (2.2, 0, 1.6), (0, 4.0, 0), photograph("brick")),
        Plane((2.0, 0, 5.0), (2.2, 0, -1.6), (0, 4.0, 0), photograph("grass")),
        Sphere((0.0, 0.2, 4.0), 0.7, photograph("rocket")),
    ],
}


def render(name: str, width: int = 320, height: int = 240) -> tuple[Scene, Tensor]:
    """Return a scene of three views, and the exact depth of its first one, (H, W)."""
    return rendering.render(SCENES[name], (NEAR, FAR), width, height)


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
