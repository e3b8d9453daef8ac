# SPDX-License-Identifier: Apache-2.0
"""What every loss keeps at the ends: certain logits, empty and full masks, nothing that counts, one pixel, no image."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

import foveal
from foveal import losses

DTYPES = [torch.float16, torch.bfloat16, torch.float32]
Loss = Callable[[Tensor, Tensor], Tensor]


def distributions(maps: Tensor) -> Tensor:
    return maps.flatten(2).softmax(dim=-1).view(maps.shape)


# Of logits (B, C, H, W) and class indices (B, H, W).
CLASSES: dict[str, Loss] = {
    "dice": losses.dice_loss,
    "dice macro": lambda pred, target: losses.dice_loss(pred, target, "macro"),
    "focal": lambda pred, target: losses.focal_loss(pred, target, 0.25, reduction="mean"),
    "focal 0.5": lambda pred, target: losses.focal_loss(pred, target, None, 0.5, reduction="mean"),
    "lovasz": losses.lovasz_softmax_loss,
    "tversky": lambda pred, target: losses.tversky_loss(pred, target, 0.3, 0.7),
    "hausdorff": lambda pred, target: losses.HausdorffERLoss(k=2)(pred.sigmoid(), target.unsqueeze(1)),
}
# Of logits and as many zeros and ones.
BINARY: dict[str, Loss] = {
    "binary focal": lambda pred, target: losses.binary_focal_loss_with_logits(pred, target, reduction="mean"),
    "lovasz hinge": lambda pred, target: losses.lovasz_hinge_loss(pred[:, :1], target[:, 0]),
}
# Of two images, (B, C, H, W).
IMAGES: dict[str, Loss] = {
    "cauchy": lambda first, second: losses.cauchy_loss(first, second, "mean"),
    "charbonnier": lambda first, second: losses.charbonnier_loss(first, second, "mean"),
    "depth smoothness": lambda first, second: losses.inverse_depth_smoothness_loss(first[:, :1], second),
    "geman mcclure": lambda first, second: losses.geman_mcclure_loss(first, second, "mean"),
    "js": lambda first, second: losses.js_div_loss_2d(distributions(first), distributions(second)),
    "kl": lambda first, second: losses.kl_div_loss_2d(distributions(first), distributions(second)),
    "ms ssim": losses.ms_ssim_loss,
    "mutual information": lambda first, second: losses.mutual_information_loss_2d(first, second, num_bins=8).sum(),
    "normalized mutual information": (
        lambda first, second: losses.normalized_mutual_information_loss_2d(first, second, num_bins=8).sum()
    ),
    "ssim": lambda first, second: losses.ssim_loss(first, second, 5),
    "ssim 3d": lambda first, second: losses.ssim3d_loss(first[:, None], second[:, None], 3),
    "total variation": lambda first, second: losses.total_variation(first * second, "mean").sum(),
    "welsch": lambda first, second: losses.welsch_loss(first, second, "mean"),
}


def targets(*shape: int, least: int, classes: int) -> Iterator[tuple[str, Tensor]]:
    yield "mixed", torch.randint(0, classes, shape)
    for label in range(classes):
        yield f"all {label}", torch.full(shape, label)
    if least < 0:
        yield "ignored", torch.full(shape, least)


def check(loss: Loss, pred: Tensor, target: Tensor, what: str, leaves: int = 1) -> None:
    inputs = [tensor.clone().requires_grad_() if n < leaves else tensor for n, tensor in enumerate((pred, target))]
    result = loss(*inputs)
    assert result.shape == ()
    assert result.isfinite(), f"{what}: {result}"
    if not result.requires_grad:  # a constant
        return
    for gradient in torch.autograd.grad(result, inputs[:leaves], allow_unused=True):
        assert gradient is None or gradient.isfinite().all(), f"{what}: {gradient}"


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (1, 3, 1, 1), (0, 3, 4, 5)], ids=["image", "pixel", "none"])
def test_of_classes(name: str, size: tuple[int, ...], dtype: torch.dtype) -> None:
    batch, classes, *space = size
    for what, target in targets(batch, *space, least=-100, classes=classes):
        for scale in (0.0, 100.0):
            check(CLASSES[name], (scale * torch.randn(size).sign()).to(dtype), target, f"{what} times {scale}")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (1, 3, 1, 1), (0, 3, 4, 5)], ids=["image", "pixel", "none"])
def test_of_binary_masks(name: str, size: tuple[int, ...], dtype: torch.dtype) -> None:
    for what, target in targets(*size, least=-100, classes=2):
        for scale in (0.0, 100.0):
            check(BINARY[name], (scale * torch.randn(size).sign()).to(dtype), target, f"{what} times {scale}")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("size", [(2, 3, 6, 7), (1, 3, 1, 1), (0, 3, 6, 7)], ids=["image", "pixel", "none"])
def test_of_images(name: str, size: tuple[int, ...], dtype: torch.dtype) -> None:
    zeros, ones = torch.zeros(size, dtype=dtype), torch.ones(size, dtype=dtype)
    for first, second in ((zeros, zeros), (ones, ones), (zeros, ones), (ones, torch.rand(size).to(dtype))):
        check(IMAGES[name], first, second, f"{first.sum()} and {second.sum()}", leaves=2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", [*CLASSES, *BINARY])
@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("kernels", [True, False])
def test_ignored_logits_do_not_count(name: str, value: float, dtype: torch.dtype, kernels: bool) -> None:
    logits = torch.randn(2, 3, 4, 5).to(dtype)
    shape = (2, 4, 5) if name in CLASSES else (2, 3, 4, 5)
    target = torch.randint(0, 2, shape)
    target[0, ..., :3, :], target[1, ..., 2] = -100, -100
    ignored = (target == -100).unsqueeze(1) if name in CLASSES else target == -100
    # Without the sigmoid, whose own gradient of NaN is NaN.
    hausdorff: Loss = lambda pred, target: losses.HausdorffERLoss(k=2)(pred, target.unsqueeze(1))  # noqa: E731
    calls = CLASSES | BINARY | {"hausdorff": hausdorff}
    results = []
    for pred in (logits, torch.where(ignored, value, logits)):
        pred = pred.clone().requires_grad_()
        with foveal.use_kernels(kernels):
            loss = calls[name](pred, target)
        results.append((loss, *torch.autograd.grad(loss, pred)))
    torch.testing.assert_close(*results)
    assert not torch.where(ignored, results[1][1], 0).any()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_of_psnr(dtype: torch.dtype) -> None:
    # Of equal images it is infinite, which the loss documents.
    for size in ((2, 3, 6, 7), (1, 1, 1, 1)):
        check(lambda a, b: losses.psnr_loss(a, b, 1.0), torch.zeros(size).to(dtype), torch.ones(size).to(dtype), "", 2)
