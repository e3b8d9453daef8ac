# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from foveal.geometry.subpix import spatial_soft_argmax2d
from foveal.kernels.cuda.geometry.subpix import soft_argmax as cuda
from tests.kernels.cuda.twins import DEVICE, assert_twins


@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (1, 2, 65, 67), (1, 1, 1, 1), (1, 1, 1, 9)])
@pytest.mark.parametrize("options", [(None, True), (0.5, False)])
def test_kernel_is_its_reference(shape: tuple[int, ...], options: tuple[float | None, bool]) -> None:
    assert_twins(cuda.spatial_soft_argmax2d, spatial_soft_argmax2d, shape, *options)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_scores_of_minus_infinity_have_no_weight() -> None:
    # The first block of 4,096 pixels holds nothing else: its sums must not turn to NaN.
    maps = torch.full((1, 1, 80, 80), -torch.inf, device=DEVICE)
    maps[0, 0, 70, 4] = maps[0, 0, 60, 2] = 1.0
    assert cuda.spatial_soft_argmax2d.forward(maps, None, False).tolist() == [[[3.0, 65.0]]]
    assert cuda.spatial_soft_argmax2d.forward(torch.full_like(maps, -torch.inf), None, False).isnan().all()


def test_what_the_reference_refuses_is_not_accepted() -> None:
    maps = torch.zeros(1, 1, 4, 4)
    assert not cuda.spatial_soft_argmax2d.accepts(maps[0], None, True)
    assert not cuda.spatial_soft_argmax2d.accepts(maps, -1.0, True)
    assert not cuda.spatial_soft_argmax2d.accepts(maps, torch.tensor(1.0), True)
    assert not cuda.spatial_soft_argmax2d.accepts(maps.double(), None, True)
