# SPDX-License-Identifier: Apache-2.0
"""The three reductions are documented for every loss that has them, and are what they say."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import foveal
from foveal import losses
from foveal.losses.hausdorff import hausdorff_er_loss, hausdorff_er_loss_3d

image, other = torch.rand(2, 2, 3, 6, 7)
logits, labels = torch.randn(2, 3, 6, 7), torch.randint(0, 3, (2, 6, 7))
volume = torch.rand(2, 1, 1, 3, 4, 5)

CALLS: dict[Callable[..., Tensor], tuple[Any, ...]] = {
    losses.binary_focal_loss_with_logits: (logits, (image > 0.5).long()),
    losses.cauchy_loss: (image, other),
    losses.charbonnier_loss: (image, other),
    losses.dice_loss: (logits, labels),
    losses.focal_loss: (logits, labels, 0.5),
    losses.geman_mcclure_loss: (image, other),
    losses.js_div_loss_2d: (image, other),
    losses.kl_div_loss_2d: (image, other),
    losses.lovasz_hinge_loss: (logits[:, :1], labels.clamp(0, 1)),
    losses.lovasz_softmax_loss: (logits, labels),
    losses.ms_ssim_loss: (image, other),
    losses.ssim3d_loss: (*volume, 3),
    losses.ssim_loss: (image, other, 3),
    losses.tversky_loss: (logits, labels, 0.3, 0.7),
    losses.welsch_loss: (image, other),
    hausdorff_er_loss: (logits, labels[:, None], 2.0, 2),
    hausdorff_er_loss_3d: (logits[:, :, None], labels[:, None, None], 2.0, 2),
}


@pytest.mark.parametrize("loss", CALLS, ids=lambda loss: loss.__name__)
def test_mean_and_sum_are_those_of_the_map(loss: Callable[..., Tensor]) -> None:
    each, mean, total = (loss(*CALLS[loss], reduction=reduction) for reduction in ("none", "mean", "sum"))
    assert each.ndim > 0
    torch.testing.assert_close(mean, each.mean())
    torch.testing.assert_close(total, each.sum())
    documented = inspect.getdoc(loss) or ""
    assert all(f'"{reduction}"' in documented for reduction in ("none", "mean", "sum")) or "as in `" in documented


def test_every_loss_with_reductions_is_here() -> None:
    public = {name: getattr(losses, name) for name in losses.__all__}
    reducing = {
        name: value
        for name, value in public.items()
        if hasattr(value, "reference") and "reduction" in inspect.signature(value.reference).parameters
    }
    # A number per plane in either case, never one per pixel.
    del reducing["total_variation"]
    assert not [name for name, value in reducing.items() if value not in CALLS]


@pytest.mark.parametrize("package", ["losses", "metrics"])
def test_every_formula_has_a_source(package: str) -> None:
    module = getattr(foveal, package)
    operations = {
        name: value
        for name, value in vars(module).items()
        if hasattr(value, "reference") and value.__module__.startswith(module.__name__)
    }
    assert operations
    assert not [name for name, value in operations.items() if "Source:" not in (inspect.getdoc(value) or "")]
