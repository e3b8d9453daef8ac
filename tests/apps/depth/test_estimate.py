# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
import torch

from foveal.apps.depth import Scene, SceneError, Settings, estimate_depth
from tests.apps.depth.scenes import tilted_plane


@pytest.mark.parametrize("consistency", [0.0, 0.1])
def test_depth_of_a_tilted_plane(consistency: float) -> None:
    scene, exact = tilted_plane()
    steps: list[str] = []
    found = estimate_depth(scene, Settings(levels=2, iterations=25, consistency=consistency), steps.append)
    assert ((found.depth - exact).abs() / exact).mean() < 0.02
    assert found.seen.float().mean() > 0.9
    assert steps == ["searching planes", "level 1 of 2, 24 x 18", "level 2 of 2, 48 x 36"]
    assert len(found.losses) == 2


def test_random_depth_with_momentum_goes_downhill() -> None:
    scene, exact = tilted_plane()
    start = estimate_depth(scene, Settings(method="sgd", levels=3, iterations=1))
    end = estimate_depth(scene, Settings(method="sgd", levels=3, iterations=60))
    assert end.losses[-1] < start.losses[-1]
    assert ((end.depth - exact).abs() / exact).mean() < ((start.depth - exact).abs() / exact).mean()


def test_the_range_is_guessed_from_the_distance_of_the_views() -> None:
    scene, _ = tilted_plane()
    near, far = Scene(scene.views).depths()
    # 48 pixels of focal length times 0.3, for 16 pixels and for half a pixel.
    assert (round(near, 4), round(far, 4)) == (0.9, 28.8)


def test_refuses_what_has_no_depth() -> None:
    scene, _ = tilted_plane()
    with pytest.raises(SceneError, match="two views at least"):
        estimate_depth(Scene(scene.views[:1]))
    with pytest.raises(SceneError, match="taken from one place"):
        estimate_depth(Scene([scene.views[0], scene.views[0]]))
    with pytest.raises(SceneError, match=r"0\.png is flat"):
        estimate_depth(Scene([replace(scene.views[0], image=0.5 * torch.ones(3, 36, 48)), scene.views[1]]))
    turned = torch.diag(torch.tensor([-1.0, 1.0, -1.0, 1.0]))
    away = replace(scene.views[1], pose=turned @ scene.views[1].pose)
    with pytest.raises(SceneError, match=r"no other view shows what 0\.png shows"):
        estimate_depth(Scene([scene.views[0], away], (2.0, 10.0)), Settings(levels=1, iterations=2))
    broken = scene.views[1].__class__(
        "x", scene.views[1].image * torch.nan, scene.views[1].calibration, scene.views[1].pose
    )
    with pytest.raises(SceneError, match="became no number"):
        estimate_depth(Scene([scene.views[0], broken]), Settings(levels=1, iterations=2))
