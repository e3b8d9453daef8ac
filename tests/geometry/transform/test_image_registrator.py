# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.geometry.transform as kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.transform import BaseModel, Homography, ImageRegistrator, Similarity


def blob(x: float, y: float, size: tuple[int, int] = (32, 32)) -> Tensor:
    rows, columns = (torch.linspace(-1, 1, side) for side in size)
    return torch.exp(-4 * ((columns - x) ** 2 + (rows[:, None] - y) ** 2))[None, None]


@pytest.mark.parametrize("model", ["homography", "similarity", "translation", "scale", "rotation"])
def test_as_kornia(model: str) -> None:
    # A loss and steps that are smooth: where both images are equal, the sign of an absolute difference is rounding.
    options: dict[str, Any] = {"pyramid_levels": 2, "num_iterations": 10, "tolerance": 0.0}
    options |= {"optimizer": torch.optim.SGD, "lr": 0.2, "loss_fn": torch.nn.functional.mse_loss}
    source, destination = blob(0, 0, (24, 32)), blob(0.1, -0.05, (24, 32))
    mine, its = ImageRegistrator(model, **options), kornia.ImageRegistrator(model, **options)
    found, levels = mine.register(source, destination, output_intermediate_models=True)
    expected, its_levels = its.register(source, destination, output_intermediate_models=True)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-3)
    for a, b in zip(levels, its_levels, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-3)
    assert [name for name, _ in mine.named_parameters()] == [name for name, _ in its.named_parameters()]
    its.load_state_dict(mine.state_dict())
    assert list(mine.state_dict()) == list(its.state_dict())
    torch.testing.assert_close(mine.warp_src_into_dst(source), its.warp_src_into_dst(source), rtol=1e-4, atol=1e-3)
    warped = mine.warp_dst_into_src(destination)
    torch.testing.assert_close(warped, its.warp_dst_into_src(destination), rtol=1e-4, atol=1e-3)
    assert torch.equal(mine.warp_dst_inro_src(destination), warped)


def test_a_shift_is_found() -> None:
    registrator = ImageRegistrator("translation", pyramid_levels=3, num_iterations=60, lr=1e-2, tolerance=0.0)
    matrix = registrator.register(blob(0, 0), blob(0.2, -0.1))
    scale = 31 / 32  # from coordinates of centres to those of edges
    expected = torch.tensor([[[1, 0, -0.2 * scale], [0, 1, 0.1 * scale], [0, 0, 1]]])
    torch.testing.assert_close(matrix, expected, rtol=0, atol=5e-3)
    torch.testing.assert_close(registrator.warp_src_into_dst(blob(0, 0)), blob(0.2, -0.1), rtol=0, atol=0.02)


def test_similarity() -> None:
    mine, its = Similarity(), kornia.Similarity()
    with torch.no_grad():
        for parameter, value in (("rot", 30.0), ("scale", 2.0), ("shift", 0.2)):
            for model in (mine, its):
                getattr(model, parameter).fill_(value)
    torch.testing.assert_close(mine(), its())
    mine.set_image_shape(10, 20)
    its.set_image_shape(10, 20)
    torch.testing.assert_close(mine(), its())
    torch.testing.assert_close(mine.forward_inverse() @ mine(), torch.eye(3)[None])
    mine.reset_model()
    assert torch.equal(mine(), torch.eye(3)[None])


def test_homography() -> None:
    model = Homography()
    with torch.no_grad():
        model.model.copy_(torch.tensor([[2.0, 0.1, 0.2], [0.3, 1.5, -0.1], [0.1, 0.0, 2.0]]))
    inverse = model.forward_inverse() @ model()
    torch.testing.assert_close(inverse / inverse[0, 2, 2], torch.eye(3)[None])
    assert model()[0, 2, 2] == 1


def test_no_pixel_in_common_is_no_loss() -> None:
    registrator = ImageRegistrator("translation")
    far = torch.tensor([[[1.0, 0.0, 9.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]], requires_grad=True)
    loss = registrator.get_single_level_loss(blob(0, 0), blob(0, 0), far)
    (gradient,) = torch.autograd.grad(loss, far)
    assert loss == 0
    assert not gradient.any()


def test_shapes() -> None:
    images = blob(0, 0, (16, 20)), blob(0, 0, (16, 18))
    options: dict[str, Any] = {"pyramid_levels": 1, "num_iterations": 2}
    with pytest.raises(ValueError, match="src_img must have the shape"):
        ImageRegistrator("scale", **options).register(*images)
    assert ImageRegistrator("scale", **options, allow_shape_mismatch=True).register(*images)[0].shape == (3, 3)
    with pytest.raises(ValueError, match="src_img must have the shape"):
        ImageRegistrator("scale", **options, allow_shape_mismatch=True).register(
            images[0], images[1].expand(1, 2, 16, 18)
        )


class Shift(BaseModel):
    """A model of one's own: whole pixels along x."""

    def __init__(self) -> None:
        super().__init__()
        self.amount = torch.nn.Parameter(torch.zeros(1))

    def forward(self) -> Tensor:
        return self.amount

    def forward_inverse(self) -> Tensor:
        return -self.amount

    def reset_model(self) -> None:
        torch.nn.init.zeros_(self.amount)


class Roller:
    """Its warper."""

    def __init__(self, height: int, width: int) -> None: ...

    def __call__(self, image: Tensor, amount: Tensor) -> Tensor:
        return image + amount


def test_models_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="warper must be given"):
        ImageRegistrator(Shift())
    with pytest.raises(ValueError, match="model_type must be one of 'homography'"):
        ImageRegistrator("affine")
    with pytest.raises(ValueError, match="pyramid_levels must be positive"):
        ImageRegistrator(pyramid_levels=0)
    with pytest.raises(TypeError, match="abstract"):
        BaseModel()  # pyright: ignore[reportAbstractUsage]
    registrator = ImageRegistrator(Shift(), warper=Roller, pyramid_levels=1, lr=0.1)
    found = registrator.register(blob(0, 0), blob(0, 0) + 0.5, verbose=True)
    assert abs(float(found[0]) - 0.5) < 0.05
    assert "iteration 0" in capsys.readouterr().out
