# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from foveal.metrics import AverageMeter


def test_mean_is_weighted() -> None:
    meter = AverageMeter()
    assert meter.avg == 0
    for value, weight in ((2.5, 2), (torch.tensor(1.0), 3), (True, 1)):
        meter.update(value, weight)
        assert meter.val is value
    assert meter.count == 6
    assert meter.avg == pytest.approx((2.5 * 2 + 1 * 3 + 1) / 6)
    meter.reset()
    assert (meter.val, meter.sum, meter.count, meter.avg) == (0, 0, 0, 0)


def test_tensors_are_kept_and_not_changed() -> None:
    meter, value = AverageMeter(), torch.tensor(3.0, requires_grad=True)
    meter.update(value, 2)
    meter.update(value)
    assert isinstance(meter.sum, torch.Tensor)
    assert torch.autograd.grad(meter.sum, value)[0] == 3
    assert value == 3
