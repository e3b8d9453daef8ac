# SPDX-License-Identifier: Apache-2.0
"""Dice loss."""

from jaxtyping import Float, Integer
from torch import Tensor

from foveal._check import check_scalar
from foveal._module import module
from foveal._op import op
from foveal.losses._labels import check_class_weights, check_logits_and_labels, widest
from foveal.losses.overlap import overlap
from foveal.losses.regions import region_loss


@op
def dice_loss(
    pred: Float[Tensor, "batch classes *space"],
    target: Integer[Tensor, "batch *space"],
    average: str = "micro",
    eps: float = 1e-8,
    weight: Float[Tensor, " classes"] | None = None,
    ignore_index: int | None = -100,
    *,
    reduction: str = "mean",
) -> Float[Tensor, ""] | Float[Tensor, " batch"]:
    """Return 1 - 2 |X and Y| / (|X| + |Y| + eps) of the predicted regions X, by softmax, and the true ones Y.

    Args:
        pred: logits, (B, C, *).
        target: class indices in [0, C), (B, *). Others raise RuntimeError on the CPU; a GPU reports them late.
        average: `"micro"` adds up the sizes over the classes first; `"macro"` takes the mean loss of the classes that
            are in the target of the image.
        eps: added to the denominator.
        weight: a factor per class, (C,), of its sizes (`"micro"`) or of its loss in the weighted mean (`"macro"`).
        ignore_index: pixels of this label are in no region; `None` ignores none.
        reduction: `"none"` for one number per image, `"mean"` (0 of an empty batch) or `"sum"` over the images.

    Returns:
        The loss, a scalar or (B,). An image without a pixel that counts has loss 1 and no gradient. Half precision is
        computed in float32.

    Raises:
        TypeError: `pred` is not of a floating-point, `target` not of an integer dtype.
        ValueError: shapes do not fit, `eps` is negative, or `average` or `reduction` unknown.

    >>> dice_loss(Tensor([[0, 0]]), Tensor([1]).long())
    tensor(0.5000)

    Source: Milletari, Navab and Ahmadi 2016, "V-Net: fully convolutional neural networks for volumetric medical image
    segmentation", with sizes for squared sizes.
    """
    check_logits_and_labels(pred, target, ignore_index)
    check_class_weights(weight, "weight", pred)
    check_scalar(eps, "eps", least=0)
    sizes = overlap(pred, target, ignore_index)
    return region_loss(*sizes, 0.5, 0.5, eps / 2, average, weight, reduction).to(widest(pred, weight))


class DiceLoss(module(dice_loss)): ...
