# SPDX-License-Identifier: Apache-2.0
import torch

from foveal.apps.depth.views import Reprojection
from foveal.geometry.camera import PinholeCamera
from foveal.geometry.depth import DepthWarper
from tests.apps.depth.scenes import HEIGHT, WIDTH, tilted_plane


def test_reprojection_is_the_depth_warper() -> None:
    scene, depth = tilted_plane()
    cameras = []
    for view in scene.views[:2]:
        matrix = torch.eye(4)[None].clone()
        matrix[0, :3, :3] = view.calibration
        cameras.append(PinholeCamera(matrix, view.pose[None], torch.tensor([HEIGHT]), torch.tensor([WIDTH])))
    warper = DepthWarper(cameras[1], HEIGHT, WIDTH).compute_projection_matrix(cameras[0])
    expected = warper(depth[None, None], scene.views[1].image[None])
    found, seen = Reprojection(scene.views[0], scene.views[1]).warp(1 / depth[None, None])
    torch.testing.assert_close(found * seen, expected * seen, rtol=1e-4, atol=1e-4)
    assert 0.8 < seen.float().mean() < 1


def test_the_right_depth_makes_the_views_equal() -> None:
    scene, depth = tilted_plane()
    for other in scene.views[1:]:
        errors = []
        for factor in (1.0, 1.3):
            found, seen = Reprojection(scene.views[0], other).warp(1 / (factor * depth[None, None]))
            errors.append(((found - scene.views[0].image[None]).abs() * seen).mean())
        # What is left is the interpolation's.
        assert errors[0] < 0.02
        assert errors[1] > 4 * errors[0]


def test_a_resized_view_shows_points_at_the_same_places() -> None:
    scene, _ = tilted_plane()
    half = scene.views[0].resized(HEIGHT // 2, WIDTH // 2)
    # The middle of the image stays the middle.
    assert half.calibration[:2, 2].tolist() == [(WIDTH // 2 - 1) / 2, (HEIGHT // 2 - 1) / 2]
    assert half.calibration[0, 0] == WIDTH / 2
