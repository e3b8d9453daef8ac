# SPDX-License-Identifier: Apache-2.0
"""Losses do not wait for the device: they work on tensors that have no values to read."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from foveal import losses
from tests.losses.test_reductions import CALLS, image, other, volume

ARGUMENTS: dict[Callable[..., Any], tuple[Any, ...]] = CALLS | {
    losses.inverse_depth_smoothness_loss: (image[:, :1], other),
    losses.mutual_information_loss_2d: (image, other, image[0, 0] > 0.5),
    losses.normalized_mutual_information_loss_3d: tuple(volume),
    losses.psnr_loss: (image, other, 1.0),
    losses.total_variation: (image,),
}


@pytest.mark.parametrize("loss", ARGUMENTS, ids=lambda loss: loss.__name__)
def test_no_value_is_read(loss: Callable[..., Any]) -> None:
    arguments = ARGUMENTS[loss]
    on_meta = [value.to("meta") if isinstance(value, torch.Tensor) else value for value in arguments]
    leaves = [value.requires_grad_() if _is_float(value) else value for value in on_meta]
    found, expected = loss(*leaves), loss(*arguments)
    assert found.is_meta
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    wanted = [leaf for leaf in leaves if _is_float(leaf)]
    assert all(gradient.is_meta for gradient in torch.autograd.grad(found.sum(), wanted))


def _is_float(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()
