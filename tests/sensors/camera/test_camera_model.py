# SPDX-License-Identifier: Apache-2.0
import pickle
from typing import Any

import cv2
import kornia.image
import kornia.sensors.camera
import numpy as np
import pytest
import torch
from kornia.geometry.vector import Vector3 as KorniaVector3
from torch import Tensor

from foveal.geometry.vector import Vector2, Vector3
from foveal.image import ImageSize
from foveal.sensors.camera import (
    BrownConradyModel,
    CameraModel,
    CameraModelType,
    KannalaBrandtK3,
    Orthographic,
    PinholeModel,
)
from foveal.sensors.camera.distortion_model import BrownConradyTransform

SIZE = ImageSize(48, 64)
LENS = [60.0, 50.0, 31.5, 23.5]
MODELS: dict[Any, list[float]] = {
    PinholeModel: LENS,
    Orthographic: LENS,
    BrownConradyModel: [*LENS, -0.2, 0.06, 0.002, -0.003, 0.01, 0.02, 0.01, 0.003],
    KannalaBrandtK3: [*LENS, 0.1, -0.02, 0.003, 0.001],
}


def points(*shape: int) -> Tensor:
    """Draw points in front of a camera."""
    plane = 2 * torch.rand(*shape, 2, dtype=torch.float64) - 1
    depth = 1 + torch.rand(*shape, 1, dtype=torch.float64)
    return torch.cat([plane * depth, depth], dim=-1)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
class TestEveryModel:
    def test_equals_kornia(self, model: Any) -> None:
        params, seen = torch.tensor(MODELS[model], dtype=torch.float64), points(9)
        camera = model(SIZE, params)
        peer = getattr(kornia.sensors.camera, model.__name__)(kornia.image.ImageSize(48, 64), params)
        found = camera.project(Vector3(seen))
        assert isinstance(found, Vector2)
        torch.testing.assert_close(found.unwrap(), peer.project(KorniaVector3(seen)).data)
        torch.testing.assert_close(camera.K(), peer.K())
        for name in ("fx", "fy", "cx", "cy", "height", "width", "params"):
            assert torch.equal(torch.as_tensor(getattr(camera, name)), torch.as_tensor(getattr(peer, name)))

    def test_unproject_is_the_inverse(self, model: Any) -> None:
        params, seen = torch.tensor(MODELS[model], dtype=torch.float64), points(3, 9)
        camera = model(SIZE, params)
        world = camera.unproject(camera.project(seen), seen[..., 2])
        assert isinstance(world, Vector3)
        torch.testing.assert_close(world.unwrap(), seen, rtol=1e-9, atol=1e-9)
        flat = camera.unproject(camera.project(seen), 2.0)
        assert (flat.unwrap()[..., 2] == 2).all()

    def test_a_set_of_parameters_for_each_camera(self, model: Any) -> None:
        params, seen = torch.tensor(MODELS[model], dtype=torch.float64), points(2, 2)
        both = torch.stack([params, params * 1.1])
        pixels = model(SIZE, both).project(seen).unwrap()
        for index in range(2):
            alone = model(SIZE, both[index]).project(seen[index]).unwrap()
            torch.testing.assert_close(pixels[index], alone)

    def test_finite_in_the_plane_of_the_camera(self, model: Any) -> None:
        seen = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]], requires_grad=True)
        found = model(SIZE, torch.tensor(MODELS[model])).project(seen)
        found.unwrap().sum().backward()
        assert found.unwrap().isfinite().all()
        assert seen.grad is not None
        assert seen.grad.isfinite().all()

    def test_refuses(self, model: Any) -> None:
        with pytest.raises(ValueError, match=r"params must have shape \(\d+,\) or \(B, \d+\), got \(3,\)"):
            model(SIZE, torch.rand(3))
        with pytest.raises(TypeError, match=r"params must be a torch\.Tensor, got list"):
            model(SIZE, MODELS[model])


def test_brown_conrady_equals_opencv() -> None:
    params, seen = MODELS[BrownConradyModel], points(20)
    matrix = np.array([[params[0], 0, params[2]], [0, params[1], params[3]], [0, 0, 1]])
    expected, _ = cv2.projectPoints(seen.numpy(), np.zeros(3), np.zeros(3), matrix, np.array(params[4:]))
    found = BrownConradyModel(SIZE, torch.tensor(params, dtype=torch.float64)).project(seen)
    torch.testing.assert_close(found.unwrap(), torch.from_numpy(expected[:, 0]))


def test_brown_conrady_says_where_it_does_not_converge() -> None:
    # With k1 = -0.5 alone the radius grows no further than 0.5443, at 0.8165.
    params = torch.tensor([1.0, 1.0, 0.0, 0.0, -0.5, *[0.0] * 7])
    pixels = torch.tensor([[0.0, 0.0], [0.5, 0.0], [0.6, 0.0]])
    found, mask = BrownConradyTransform().undistort(params, pixels, return_mask=True)
    assert mask.tolist() == [True, True, False]
    again = BrownConradyTransform().distort(params, found.unwrap()[:2])
    torch.testing.assert_close(again.unwrap(), pixels[:2])


def test_scale() -> None:
    camera = PinholeModel(SIZE, torch.tensor(LENS))
    assert camera.scale(2).params.tolist() == [120.0, 100.0, 63.0, 47.0]
    assert camera.scale(2, half_pixel=True).params.tolist() == [120.0, 100.0, 63.5, 47.5]
    assert camera.scale(2).image_size == ImageSize(96, 128)
    assert camera.scale(torch.tensor([0.5, 2.0])).params.shape == (2, 4)


def test_camera_model_is_any_of_them() -> None:
    for kind, (model, params) in zip(
        ("PINHOLE", "ORTHOGRAPHIC", "BROWN_CONRADY", "KANNALA_BRANDT_K3"), MODELS.items(), strict=True
    ):
        camera = CameraModel(SIZE, CameraModelType[kind], torch.tensor(params))
        assert repr(camera).startswith(f"CameraModel(ImageSize(height=48, width=64), {model.__name__}, tensor([")
        again = pickle.loads(pickle.dumps(camera))
        seen = points(4).float()
        torch.testing.assert_close(
            again.project(seen).unwrap(), model(SIZE, torch.tensor(params)).project(seen).unwrap()
        )
    assert {kind.name: kind.value for kind in CameraModelType} == {
        kind.name: kind.value for kind in kornia.sensors.camera.CameraModelType
    }
    with pytest.raises(TypeError, match="model_type must be a CameraModelType, got str"):
        CameraModel(SIZE, "pinhole", torch.tensor(LENS))  # pyright: ignore[reportArgumentType]
    with pytest.raises(AttributeError, match="unheard_of"):
        CameraModel(SIZE, CameraModelType.PINHOLE, torch.tensor(LENS)).unheard_of  # noqa: B018
