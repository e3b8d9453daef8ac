# SPDX-License-Identifier: Apache-2.0
import torch

from foveal.apps.depth.rendering import Plane, Sphere, cast, render, three_cameras, wall
from foveal.apps.depth.views import Reprojection

CHECKS = ((torch.arange(64)[:, None] // 8 + torch.arange(64) // 8) % 2).float().expand(1, 3, -1, -1)


def test_depth_of_a_wall_and_of_a_ball() -> None:
    camera = three_cameras(41, 31)[0]
    colours, depth = cast(camera, [wall(4.0, CHECKS, tilt=0.25), Sphere((0, 0, 3), 0.5, CHECKS)])
    assert colours.shape == (3, 31, 41)
    # On the axis: the front of the ball. At the border: z = 4 + x / 4 with x = z * (u - 20) / (0.95 * 41).
    torch.testing.assert_close(depth[15, 20], torch.tensor(2.5))
    slope = (torch.tensor([0.0, 40.0]) - 20) / (0.95 * 41)
    torch.testing.assert_close(depth[0, [0, 40]], 4 / (1 - 0.25 * slope))


def test_the_nearest_thing_is_seen_and_what_is_behind_is_not() -> None:
    camera, black = three_cameras(21, 15)[0], torch.zeros_like(CHECKS)
    card = Plane((0, 0, 2), (0.2, 0, 0), (0, 0.2, 0), black)
    behind = Sphere((0, 0, -3), 1.0, black)
    colours, depth = cast(camera, [wall(4.0, torch.ones_like(CHECKS)), card, behind])
    assert (depth[7, 10], depth[0, 0]) == (2, 4)
    assert colours[:, 7, 10].tolist() == [0, 0, 0]
    torch.testing.assert_close(colours[:, 0, 0], torch.ones(3))


def test_views_agree_at_the_exact_depth() -> None:
    scene, depth = render([wall(4.0, CHECKS, 0.1)], (1, 10), 64, 48)
    assert [view.name for view in scene.views] == ["middle", "left", "right"]
    first = scene.views[0]
    for other in scene.views[1:]:
        found, seen = Reprojection(first, other).warp(1 / depth[None, None])
        assert seen.float().mean() > 0.85
        assert ((found - first.image).abs() * seen).mean() < 0.04
        assert (other.image - first.image).abs().mean() > 0.08
