# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from foveal.apps.registration import Level, RegistrationError, register
from foveal.apps.registration.models import MODELS, generators, steepest_descent, step
from tests.apps.registration.pairs import SIDE, corner_error, make_pair, photograph

SHIFT = torch.tensor([[10.0, 6.0], [-7.0, 9.0], [-12.0, -8.0], [5.0, -11.0]])


def test_finds_a_homography_through_brightness_contrast_and_noise() -> None:
    fixed, moving, truth = make_pair(SHIFT, gain=0.8, bias=0.1)
    noise = 0.01 * torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    levels: list[Level] = []
    found = register(fixed + noise[0], moving + noise[1], report=levels.append)
    assert corner_error(found.matrix, truth) < 0.15
    assert (found.gain, found.bias) == (pytest.approx(0.8, abs=0.03), pytest.approx(0.1, abs=0.02))
    assert found.correlation > 0.98
    assert found.levels == levels
    assert [level.height for level in levels[-3:]] == [32, 64, 128]
    assert all(level.costs[-1] <= level.costs[0] for level in levels)


@pytest.mark.parametrize("model", MODELS)
def test_each_model_finds_its_own_motion(model: str) -> None:
    parameters = torch.tensor([[0.08, -0.06, 0.05, 0.04, -0.03, 0.06, 0.03, -0.02]])[:, : len(generators(model))]
    centre = torch.tensor([[SIDE / 2, 0, (SIDE - 1) / 2], [0, SIDE / 2, (SIDE - 1) / 2], [0, 0, 1]])
    truth = centre @ step(model, parameters)[0] @ torch.linalg.inv(centre)
    last = SIDE - 1.0
    corners = torch.tensor([[0, 0, 1], [last, 0, 1], [last, last, 1], [0, last, 1]]) @ truth.mT
    shift = corners[:, :2] / corners[:, 2:] - torch.tensor([[0.0, 0.0], [last, 0.0], [last, last], [0.0, last]])
    fixed, moving, _ = make_pair(shift)
    found = register(fixed, moving, model=model)
    assert corner_error(found.matrix, truth.double()) < 0.1
    # A model gives no more than it has.
    if model == "translation":
        torch.testing.assert_close(found.matrix[:2, :2], torch.eye(2, dtype=torch.float64))
    if model != "homography":
        assert found.matrix[2].tolist() == [0, 0, 1]


def test_images_of_two_sizes() -> None:
    fixed, moving, truth = make_pair(SHIFT / 2)
    crop = torch.eye(3, dtype=torch.float64)
    crop[0, 2], crop[1, 2] = -6, -3
    found = register(fixed, moving[:, 3:120, 6:])
    assert corner_error(found.matrix, crop @ truth) < 0.15


def test_gradient_descent_agrees() -> None:
    fixed, moving, truth = make_pair(torch.full((4, 2), 2.0))
    found = register(fixed, moving, model="translation", method="adam")
    assert corner_error(found.matrix, truth) < 0.5


def test_an_image_onto_itself_is_the_identity() -> None:
    found = register(photograph(), photograph())
    torch.testing.assert_close(found.matrix, torch.eye(3, dtype=torch.float64), rtol=0, atol=1e-4)


def test_steepest_descent_is_the_derivative_of_the_warp() -> None:
    x, y = torch.rand(2, 7, dtype=torch.float64) - 0.5
    gradient = torch.randn(2, 7, dtype=torch.float64)
    points = torch.stack([x, y, torch.ones_like(x)])
    for model in MODELS:

        def moved(parameters: torch.Tensor, model: str = model) -> torch.Tensor:
            places = step(model, parameters[None])[0] @ points
            return (gradient * (places[:2] / places[2:])).sum(0)

        zero = torch.zeros(len(generators(model)), dtype=torch.float64)
        expected = torch.autograd.functional.jacobian(moved, zero).T
        torch.testing.assert_close(steepest_descent(model, gradient, x, y), expected)


def test_what_cannot_be_registered_says_why() -> None:
    image = photograph()
    noise = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    with pytest.raises(RegistrationError, match="the moving image is flat"):
        register(image, torch.full_like(image, 0.5))
    with pytest.raises(RegistrationError, match="the fixed image must have at least 16 x 16 pixels, got 8 x 128"):
        register(image[..., :8], image)
    with pytest.raises(RegistrationError, match="not finite"):
        register(image, image.where(image < 0.9, torch.nan))
    with pytest.raises(RegistrationError, match=r"diverged|no overlap"):
        register(image, noise)
    with pytest.raises(ValueError, match=r"model must be one of translation, .*, got 'rigid'"):
        register(image, image, model="rigid")
    with pytest.raises(ValueError, match="translation, similarity, homography for adam, got 'affine'"):
        register(image, image, model="affine", method="adam")
    with pytest.raises(ValueError, match=r"fixed must be floats of shape \(1 or 3, H, W\), got torch.uint8"):
        register((image * 255).byte(), image)
