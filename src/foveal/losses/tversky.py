# SPDX-License-Identifier: Apache-2.0
"""Tversky loss: Dice with a price of its own for false positives and false negatives."""

from jaxtyping import Float, Integer
from torch import Tensor

from foveal._check import check_scalar
from foveal._module import module
from foveal._op import op
from foveal.losses._labels import check_logits_and_labels
from foveal.losses.overlap import overlap
from foveal.losses.regions import region_loss


@op
def tversky_loss(
    pred: Float[Tensor, "batch classes *space"],
    target: Integer[Tensor, "batch *space"],
    alpha: float,
    beta: float,
    eps: float = 1e-8,
    ignore_index: int | None = -100,
    *,
    reduction: str = "mean",
) -> Float[Tensor, ""] | Float[Tensor, " batch"]:
    """Return 1 - |X and Y| / (|X and Y| + alpha |X without Y| + beta |Y without X| + eps), the mean over the classes.

    Args:
        pred: logits, (B, C, *); their softmax gives the predicted region X of each class.
        target: class indices in [0, C), (B, *). Others raise RuntimeError on the CPU; a GPU reports them late.
        alpha: price of false positives, at least 0.
        beta: price of false negatives, at least 0. 0.5 for both is Dice (by `"macro"`), 1 for both is Jaccard.
        eps: added to the denominator.
        ignore_index: pixels of this label are in no region; `None` ignores none.
        reduction: `"none"` for one number per image, `"mean"` (0 of an empty batch) or `"sum"` over the images.

    Returns:
        The loss, a scalar or (B,): of each image the mean over the classes in its target, 1 and without a gradient
        where there is none. Half precision is computed in float32.

    Raises:
        TypeError: `pred` is not of a floating-point, `target` not of an integer dtype.
        ValueError: shapes do not fit, a price or `eps` is negative, or `reduction` is unknown.

    >>> tversky_loss(Tensor([[0, 0]]), Tensor([1]).long(), alpha=0.3, beta=1.0)
    tensor(0.5000)

    Source: Salehi, Erdogmus and Gholipour 2017, "Tversky loss function for image segmentation using 3D fully
    convolutional deep networks", equation 4.
    """
    check_logits_and_labels(pred, target, ignore_index)
    check_scalar(alpha, "alpha", least=0)
    check_scalar(beta, "beta", least=0)
    check_scalar(eps, "eps", least=0)
    sizes = overlap(pred, target, ignore_index)
    return region_loss(*sizes, alpha, beta, eps, "macro", None, reduction).to(pred.dtype)


class TverskyLoss(module(tversky_loss)): ...
