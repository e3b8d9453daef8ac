# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import torch

from foveal.apps.autoencoder import Autoencoder, edge_error, new_model, reconstruction_loss


def test_shapes_and_code() -> None:
    model = Autoencoder(4, 5)
    images = torch.rand(2, 3, 16, 40)
    assert model.encoder(images).shape == (2, 5, 2, 5)
    assert model(images).shape == images.shape


def test_first_weights_depend_on_the_seed_alone() -> None:
    state = torch.get_rng_state()
    first = new_model(4, 2, 1)
    torch.rand(3)
    again, other = new_model(4, 2, 1), new_model(4, 2, 2)
    assert torch.equal(torch.cat([w.flatten() for w in first.parameters()]), weights(again))
    assert not torch.equal(weights(first), weights(other))
    torch.set_rng_state(state)
    new_model(4, 2, 1)
    assert torch.equal(torch.get_rng_state(), state)


def weights(model: torch.nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def test_loss_is_that_of_opencv_s_edges() -> None:
    result, target = torch.rand(2, 1, 3, 12, 9).unbind()

    def magnitude(images: torch.Tensor) -> np.ndarray:
        image = images[0].movedim(0, -1).numpy()
        x, y = (cv2.Sobel(image, cv2.CV_32F, i, 1 - i, borderType=cv2.BORDER_REPLICATE) / 8 for i in (1, 0))
        return np.sqrt(x * x + y * y + 1e-6)

    wanted = np.abs(magnitude(result) - magnitude(target)).mean()
    np.testing.assert_allclose(edge_error(result, target).item(), wanted, rtol=1e-5)
    plain = np.abs((result - target).numpy()).mean()
    np.testing.assert_allclose(reconstruction_loss(result, target, 0.0).item(), plain, rtol=1e-5)
    np.testing.assert_allclose(reconstruction_loss(result, target, 3.0).item(), plain + 3 * wanted, rtol=1e-5)
