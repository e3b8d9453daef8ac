# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
import torch

from foveal.geometry.subpix import conv_soft_argmax2d
from foveal.kernels.cuda.geometry.subpix import conv_soft_argmax as cuda
from tests.kernels.cuda.twins import DEVICE, assert_twins

# Interpreted, a masked load of -inf makes NumPy warn of differences that are masked as well.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize(
    "options",
    [
        ((3, 3), (1, 1), (1, 1), 1.0, True, 1e-8, False),
        ((3, 3), (1, 1), (1, 1), 0.5, False, 1e-8, True),
        ((2, 3), (2, 1), (1, 0), 1.0, False, 1e-8, True),
        ((5, 5), (3, 2), (2, 2), 2.0, True, 1e-8, True),
        ((1, 1), (1, 1), (0, 0), 1.0, True, 1e-8, True),
    ],
    ids=str,
)
def test_kernel_is_its_reference(options: tuple[Any, ...]) -> None:
    for shape in ((2, 3, 9, 11), (1, 1, 5, 5)):
        assert_twins(cuda.conv_soft_argmax2d, conv_soft_argmax2d, shape, *options)


def test_scores_of_minus_infinity_have_no_weight() -> None:
    maps = torch.tensor([[[[0.0, -torch.inf, 0.0]]]], device=DEVICE)
    points, value = cuda.conv_soft_argmax2d.forward(maps, (1, 3), (1, 1), (0, 0), 1.0, False, 1e-8, True)
    assert points.flatten().tolist() == [1.0, 0.0]
    assert value.item() == 0.0


def test_what_the_reference_refuses_is_not_accepted() -> None:
    maps = torch.zeros(1, 1, 4, 4)
    good = ((3, 3), (1, 1), (1, 1), 1.0, True, 1e-8, False)
    assert cuda.conv_soft_argmax2d.accepts(maps, *good)
    for place, bad in ((0, (9, 9)), (0, 3), (1, (0, 1)), (2, (2, 2)), (3, 0.0), (3, torch.tensor(1.0))):
        assert not cuda.conv_soft_argmax2d.accepts(maps, *good[:place], bad, *good[place + 1 :])
