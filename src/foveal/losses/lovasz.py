# SPDX-License-Identifier: Apache-2.0
"""Lovasz losses: the convex extension of the Jaccard loss (1 - intersection over union) from sets to real errors."""

import torch
from jaxtyping import Float, Integer, Shaped
from torch import Tensor

from foveal._check import check_device, check_floating, check_ignore_index, check_real, check_shape
from foveal._module import module
from foveal._op import op
from foveal.losses._labels import check_class_weights, check_logits_and_labels, kept_logits, split_labels, widest
from foveal.losses._reduction import check_reduction, reduced


@op
def lovasz_hinge_loss(
    pred: Float[Tensor, "batch 1 height width"],
    target: Shaped[Tensor, "batch height width"],
    *,
    reduction: str = "mean",
    ignore_index: int | None = -100,
) -> Float[Tensor, ""] | Float[Tensor, " batch"]:
    """Return the Lovasz extension of the Jaccard loss at the hinge errors of binary logits.

    Args:
        pred: logits, (B, 1, H, W), positive for foreground.
        target: labels of any real dtype, (B, H, W): 1 is foreground, all others are background. Values are not checked.
        reduction: `"none"` for one number per image, `"mean"` (0 of an empty batch) or `"sum"` over the images.
        ignore_index: pixels of this label are left out; `None` leaves none out.

    Returns:
        The loss, a scalar or (B,); half precision is computed in float32. Of equal errors the first, row by row, comes
        first, which tells their gradients.

    Raises:
        TypeError: `pred` is not of a floating-point dtype, `target` of complex numbers, or `ignore_index` no integer.
        ValueError: shapes or devices do not fit, or `reduction` is unknown.

    >>> lovasz_hinge_loss(torch.tensor([[[[1.0, -1.0, 1.0]]]]), torch.tensor([[[1, 0, 0]]]))
    tensor(1.)

    Source: Berman, Triki and Blaschko 2018, "The Lovasz-softmax loss: a tractable surrogate for the optimization of the
    intersection-over-union measure in neural networks", section 2.2; Yu and Blaschko 2015.
    """
    check_floating(pred, "pred")
    check_shape(pred, "pred", "B", 1, "H", "W")
    check_real(target, "target")
    check_shape(target, "target", pred.shape[0], *pred.shape[2:])
    check_device(target, "target", pred)
    check_ignore_index(ignore_index)
    check_reduction(reduction)
    logits = pred.to(torch.promote_types(pred.dtype, torch.float32)).flatten(1)
    # Bytes would wrap the label to ignore.
    labels = (target if target.is_floating_point() else target.long()).flatten(1)
    foreground = labels == 1
    errors = (1 - torch.where(foreground, logits, -logits)).relu()
    kept = None if ignore_index is None else labels != ignore_index
    return reduced(_extension(errors, foreground, kept), reduction).to(pred.dtype)


@op
def lovasz_softmax_loss(
    pred: Float[Tensor, "images classes *space"],
    target: Integer[Tensor, "batch *space"],
    weight: Float[Tensor, " classes"] | None = None,
    *,
    reduction: str = "mean",
    ignore_index: int | None = -100,
) -> Float[Tensor, ""] | Float[Tensor, " batch"]:
    """Return the Lovasz extension of the Jaccard loss at the errors of softmax probabilities, mean over the classes.

    Args:
        pred: logits, (B, C, *) with two classes at least, or (1, C, *) for one image and any number of targets.
        target: class indices in [0, C), (B, *). Others raise RuntimeError on the CPU; a GPU reports them late.
        weight: a factor per class, (C,), of its loss; the mean still divides by C.
        reduction: `"none"` for one number per image, `"mean"` (0 of an empty batch) or `"sum"` over the images.
        ignore_index: pixels of this label are left out; `None` leaves none out.

    Returns:
        The loss, a scalar or (B,). Classes that are not in an image count with their largest probability. Half
        precision is computed in float32. Of equal errors the first, row by row, comes first: so their gradients.

    Raises:
        TypeError: `pred` is not of a floating-point, `target` not of an integer dtype.
        ValueError: shapes do not fit, there is a single class, or `reduction` is unknown.

    >>> lovasz_softmax_loss(torch.zeros(1, 2, 1, 1), torch.tensor([[[1]]]))
    tensor(0.5000)

    Source: Berman, Triki and Blaschko 2018, "The Lovasz-softmax loss: a tractable surrogate for the optimization of the
    intersection-over-union measure in neural networks", equations 8 to 11.
    """
    check_logits_and_labels(pred, target, ignore_index, broadcast=True)
    if pred.shape[1] < 2:
        raise ValueError(f"pred must have shape (B, C, *) with two classes at least, got {tuple(pred.shape)}")
    check_class_weights(weight, "weight", pred)
    check_reduction(reduction)
    dtype = widest(pred, weight)
    wide = torch.promote_types(dtype, torch.float32)
    labels, kept = split_labels(target, ignore_index)
    probabilities = kept_logits(pred, kept, wide).softmax(dim=1)[..., None].flatten(2).expand(target.shape[0], -1, -1)
    labels, kept = (part[..., None].flatten(1).unsqueeze(1) for part in (labels, kept))
    # A look-up, which refuses labels out of range; a comparison would pass them over.
    missed = 1 - probabilities.gather(1, labels)
    foreground = labels == torch.arange(pred.shape[1], device=pred.device).unsqueeze(1)
    losses = _extension(torch.where(foreground, missed, probabilities), foreground, kept)
    if weight is not None:
        losses = losses * weight.to(wide)
    return reduced(losses.mean(dim=1), reduction).to(dtype)


class LovaszHingeLoss(module(lovasz_hinge_loss)): ...


class LovaszSoftmaxLoss(module(lovasz_softmax_loss)): ...


def _extension(errors: Tensor, foreground: Tensor, kept: Tensor | None) -> Tensor:
    """Return the sum of errors, largest first, times what each adds to the Jaccard loss of those before it.

    Args:
        errors: errors of at least 0, (*, pixels).
        foreground: the true set, of the same shape.
        kept: which pixels count, `None` for all of them; it broadcasts.
    """
    if kept is not None:
        # An error of 0 comes last and adds nothing.
        errors, foreground = torch.where(kept, errors, 0), foreground & kept
        order = torch.where(kept, errors, -1)
    else:
        order = errors
    order = order.argsort(dim=-1, descending=True, stable=True)
    errors, foreground = errors.gather(-1, order), foreground.gather(-1, order)
    size = foreground.sum(dim=-1, keepdim=True)
    missed = foreground.cumsum(dim=-1)
    union = size + (~foreground).cumsum(dim=-1)
    # By differences of the Jaccard loss, numbers near 1, little would be left of the slopes. Without foreground the
    # loss is 1 as soon as there is an error at all.
    rest = (size - missed).to(errors.dtype) / (union - 1).clamp_min(1)
    first = (size == 0) & (union == 1)
    slopes = torch.where(foreground | first, 1, rest) / union.clamp_min(1)
    return (errors * slopes).sum(dim=-1)
