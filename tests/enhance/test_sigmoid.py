# SPDX-License-Identifier: Apache-2.0
import kornia.enhance
import skimage.exposure
import torch

from foveal.enhance import AdjustSigmoid, adjust_sigmoid
from tests.enhance.case import AdjustmentCase


class TestAdjustSigmoid(AdjustmentCase):
    operation = staticmethod(adjust_sigmoid)
    module_form = AdjustSigmoid
    peer = staticmethod(kornia.enhance.adjust_sigmoid)
    low, high = -0.5, 1.5
    options = ({}, {"cutoff": 0.3, "gain": 5.0}, {"cutoff": 0.3, "gain": 5.0, "inv": True}, {"gain": 0.0})

    def numbers(self) -> dict[str, float]:
        return {"cutoff": 0.3, "gain": 5.0}


def test_values_are_scikit_images() -> None:
    image = torch.rand(3, 40, 50)
    for inv in (False, True):
        expected = torch.from_numpy(skimage.exposure.adjust_sigmoid(image.double().numpy(), 0.4, 8, inv)).float()
        torch.testing.assert_close(adjust_sigmoid(image, 0.4, 8.0, inv), expected)


def test_cutoffs_and_gains_per_image() -> None:
    image = torch.rand(2, 3, 40, 50)
    found = adjust_sigmoid(image, torch.tensor([0.5, 0.2]), torch.tensor([3.0, -4.0]))
    expected = torch.stack([adjust_sigmoid(image[0], 0.5, 3.0), adjust_sigmoid(image[1], 0.2, -4.0)])
    torch.testing.assert_close(found, expected)


def test_far_values_saturate() -> None:
    image = torch.tensor([[-1e30, -100.0, 100.0, 1e30, torch.nan] * 5]).requires_grad_()
    for function in (adjust_sigmoid, adjust_sigmoid.reference):
        found = function(image)
        torch.testing.assert_close(found[0, :5], torch.tensor([0.0, 0, 1, 1, torch.nan]), equal_nan=True)
        (gradient,) = torch.autograd.grad(found[:, :4].sum(), image)
        assert gradient[:, :4].eq(0).all()
