# SPDX-License-Identifier: Apache-2.0
"""Losses of predicted and true regions by their sizes: Tversky's, of which Dice's is one."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_option, check_same_shape
from foveal._op import op
from foveal.losses._reduction import check_reduction, reduced

PerClass = Float[Tensor, "batch classes"]


@op
def region_loss(
    intersection: PerClass,
    predicted: PerClass,
    true: PerClass,
    alpha: float,
    beta: float,
    eps: float,
    average: str,
    weight: Float[Tensor, " classes"] | None,
    reduction: str,
) -> Float[Tensor, ""] | Float[Tensor, " batch"]:
    """Return 1 less the Tversky index I / (I + alpha (P - I) + beta (T - I) + eps) of each image, or reduce it.

    Args:
        intersection: sizes I of what the regions have in common, (B, C).
        predicted: sizes P of the predicted regions.
        true: sizes T of the true regions.
        alpha: price of false positives.
        beta: price of false negatives. With 1/2 for both, the index is Dice's, of twice the `eps`.
        eps: added to the denominator.
        average: `"micro"` adds up the sizes over the classes first; `"macro"` takes the mean loss of the classes that
            have a true region, and 1 where none has.
        weight: a factor per class, of its sizes (`"micro"`) or of its loss in the weighted mean (`"macro"`).
        reduction: `"none"`, `"mean"` (0 of an empty batch) or `"sum"` over the images.
    """
    check_same_shape(predicted, "predicted", intersection)
    check_same_shape(true, "true", intersection)
    check_option(average, "average", ("micro", "macro"))
    check_reduction(reduction)
    weights = torch.ones_like(true) if weight is None else weight.to(true.dtype).expand_as(true)
    whole = intersection + alpha * (predicted - intersection) + beta * (true - intersection)
    if average == "micro":
        loss = 1 - _ratio((weights * intersection).sum(dim=1), (weights * whole).sum(dim=1) + eps)
    else:
        weights = torch.where(true > 0, weights, 0)
        total = weights.sum(dim=1)
        losses = 1 - _ratio(intersection, whole + eps)
        loss = torch.where(total <= 0, 1, _ratio((weights * losses).sum(dim=1), total))
    return reduced(loss, reduction)


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    """Return part / whole, and the part, which is 0, where there is no whole."""
    return part / torch.where(whole <= 0, 1, whole)  # in this order NaN stays
