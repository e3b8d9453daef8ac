# SPDX-License-Identifier: Apache-2.0
import torch

from foveal.losses import (
    NMILossFromRef,
    NMILossFromRef2D,
    NMILossFromRef3D,
    normalized_mutual_information_loss,
    normalized_mutual_information_loss_2d,
    normalized_mutual_information_loss_3d,
)
from tests.losses.test_mutual_information import TestMutualInformationLoss as PlainCase


class TestNormalizedMutualInformationLoss(PlainCase):
    operation = staticmethod(normalized_mutual_information_loss)
    module_form = NMILossFromRef


class TestNormalizedMutualInformationLoss2d(PlainCase):
    operation = staticmethod(normalized_mutual_information_loss_2d)
    module_form = NMILossFromRef2D
    shape = (3, 4)
    large_shape = (31, 27)


class TestNormalizedMutualInformationLoss3d(PlainCase):
    operation = staticmethod(normalized_mutual_information_loss_3d)
    module_form = NMILossFromRef3D
    shape = (2, 3, 2)
    large_shape = (5, 11, 13)


def test_a_constant_is_independent_of_all() -> None:
    image, flat = torch.rand(7, 5).requires_grad_(), torch.ones(7, 5)
    for other in (image, flat):
        assert normalized_mutual_information_loss_2d(flat, other) == -1
    loss = normalized_mutual_information_loss_2d(image, flat)
    assert torch.autograd.grad(loss, image)[0].eq(0).all()
