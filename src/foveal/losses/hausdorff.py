# SPDX-License-Identifier: Apache-2.0
"""Hausdorff loss by erosion."""

import torch
from jaxtyping import Float, Integer
from torch import Tensor
from torch.nn.functional import pad

from foveal._check import (
    check_count,
    check_device,
    check_floating,
    check_ignore_index,
    check_integer,
    check_scalar,
    check_shape,
)
from foveal._module import module
from foveal._op import op
from foveal.losses._reduction import check_reduction, reduced


@op
def hausdorff_er_loss(
    pred: Float[Tensor, "batch classes height width"],
    target: Integer[Tensor, "batch 1 height width"],
    alpha: float = 2.0,
    k: int = 10,
    reduction: str = "mean",
    *,
    ignore_index: int | None = -100,
) -> Float[Tensor, "classes batch 1 height width"] | Float[Tensor, ""]:
    """Return a differentiable stand-in for the Hausdorff distance: what erosions leave of the squared errors.

    Args:
        pred: probabilities, (B, C, H, W).
        target: class indices, (B, 1, H, W). Values are not checked: one outside [0, C) is in no class.
        alpha: erosion i = 1, ..., k counts i^alpha.
        k: number of erosions.
        reduction: `"none"` for one number per class, image and pixel, `"mean"` (0 of an empty batch) or `"sum"` over
            all of them.
        ignore_index: pixels of this label have no error; `None` ignores none.

    Returns:
        The loss, (C, B, 1, H, W) or a scalar: no distance in pixels, as each erosion is scaled to [0, 1] class by class
        and image by image. Half precision is computed in float32.

    Raises:
        TypeError: `pred` is not of a floating-point, `target` not of an integer dtype.
        ValueError: shapes do not fit, `k` is negative, or `reduction` is unknown.

    Convention: an erosion is the mean of a pixel and its neighbours (four in 2-D, six in 3-D), less 0.5; outside the
    image errors are 0.

    >>> pred, target = torch.ones(1, 1, 3, 3), torch.tensor([[[[0, 1, 0], [1, 1, 1], [0, 1, 0]]]])
    >>> hausdorff_er_loss(pred, target, k=1, reduction="none")[0, 0, 0, 1]
    tensor([0., 1., 0.])

    Source: Karimi and Salcudean 2019, "Reducing the Hausdorff distance in medical image segmentation with convolutional
    neural networks", equation 10.
    """
    return _loss(pred, target, alpha, k, reduction, ignore_index, ("H", "W"))


@op
def hausdorff_er_loss_3d(
    pred: Float[Tensor, "batch classes depth height width"],
    target: Integer[Tensor, "batch 1 depth height width"],
    alpha: float = 2.0,
    k: int = 10,
    reduction: str = "mean",
    *,
    ignore_index: int | None = -100,
) -> Float[Tensor, "classes batch 1 depth height width"] | Float[Tensor, ""]:
    """Return the loss of `hausdorff_er_loss` for volumes.

    Args:
        pred: probabilities, (B, C, D, H, W).
        target: class indices, (B, 1, D, H, W). Values are not checked: one outside [0, C) is in no class.
        alpha: erosion i = 1, ..., k counts i^alpha.
        k: number of erosions.
        reduction: `"none"` for one number per class, image and voxel, `"mean"` (0 of an empty batch) or `"sum"` over
            all of them.
        ignore_index: voxels of this label have no error; `None` ignores none.

    Returns:
        The loss, (C, B, 1, D, H, W) or a scalar.

    Raises:
        TypeError: `pred` is not of a floating-point, `target` not of an integer dtype.
        ValueError: shapes do not fit, `k` is negative, or `reduction` is unknown.

    Convention: an erosion is the mean of a voxel and its six neighbours, less 0.5; outside the volume errors are 0.

    >>> hausdorff_er_loss_3d(torch.zeros(1, 1, 3, 3, 3), torch.zeros(1, 1, 3, 3, 3, dtype=torch.long), k=1)
    tensor(0.3333)

    Source: Karimi and Salcudean 2019, "Reducing the Hausdorff distance in medical image segmentation with convolutional
    neural networks", equation 10.
    """
    return _loss(pred, target, alpha, k, reduction, ignore_index, ("D", "H", "W"))


class HausdorffERLoss(module(hausdorff_er_loss)): ...


class HausdorffERLoss3D(module(hausdorff_er_loss_3d)): ...


def _loss(
    pred: Tensor,
    target: Tensor,
    alpha: float,
    k: int,
    reduction: str,
    ignore_index: int | None,
    axes: tuple[str, ...],
) -> Tensor:
    check_floating(pred, "pred")
    check_integer(target, "target")
    check_shape(pred, "pred", "B", "C", *axes)
    check_shape(target, "target", pred.shape[0], 1, *pred.shape[2:])
    check_device(target, "target", pred)
    check_ignore_index(ignore_index)
    check_scalar(alpha, "alpha")
    check_count(k, "k")
    check_reduction(reduction)
    wide = torch.promote_types(pred.dtype, torch.float32)
    classes = torch.arange(pred.shape[1], device=pred.device).view(-1, *[1] * len(axes))
    errors = pred.to(wide) - (target == classes).to(wide)
    if ignore_index is not None:
        # Before the square: NaN there would come back as gradient.
        errors = torch.where(target.long() == ignore_index, 0, errors)
    errors = errors.square()
    total = torch.zeros_like(errors)
    if 0 not in pred.shape[2:]:
        for i in range(1, k + 1):
            errors = _eroded(errors, len(axes))
            total = total + errors * float(i) ** alpha
    return reduced(total.movedim(1, 0).unsqueeze(2), reduction).to(pred.dtype)


def _eroded(errors: Tensor, axes: int) -> Tensor:
    """Take the mean with the neighbours, subtract 0.5, and scale each plane to [0, 1]; a constant one stays."""
    padded = pad(errors, (1, 1) * axes)
    total = errors
    inner = [slice(1, -1)] * axes
    for axis in range(axes):
        for side in (slice(None, -2), slice(2, None)):
            total = total + padded[(..., *inner[:axis], side, *inner[axis + 1 :])]
    left = (total / (2 * axes + 1) - 0.5).relu()
    dimensions = tuple(range(-axes, 0))
    low, high = left.amin(dimensions, keepdim=True), left.amax(dimensions, keepdim=True)
    varied = high > low
    return torch.where(varied, left - low, left) / torch.where(varied, high - low, 1)
