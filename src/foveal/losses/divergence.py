# SPDX-License-Identifier: Apache-2.0
"""Divergences between heatmaps that are probabilities, which keep predicted maps in shape."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_same_shape, check_shape
from foveal._dtype import narrow, widen
from foveal._op import op
from foveal.losses._reduction import check_reduction, reduced


@op
def kl_div_loss_2d(
    pred: Float[Tensor, "batch channels height width"],
    target: Float[Tensor, "batch channels height width"],
    reduction: str = "mean",
) -> Float[Tensor, ""] | Float[Tensor, "batch channels"]:
    """Return the Kullback-Leibler divergence KL(target || pred) of each pair of heatmaps, in nats.

    Args:
        pred: probabilities, (B, C, H, W), each map summing to one.
        target: probabilities of the same shape.
        reduction: `"none"` for one number per map, `"mean"` (0 of an empty batch) or `"sum"` over all maps.

    Returns:
        The divergence, (B, C) or a scalar. A pixel that is zero in `target` adds nothing, to the gradients either; one
        that is zero in `pred` alone makes it infinite.

    Raises:
        TypeError: `pred` or `target` is not a floating-point tensor.
        ValueError: `pred` has not four dimensions, `target` has another shape or device, or `reduction` is unknown.

    >>> kl_div_loss_2d(torch.tensor([[[[0.25, 0.75]]]]), torch.tensor([[[[0.5, 0.5]]]]))
    tensor(0.1438)

    Source: Kullback and Leibler 1951; Nibali et al. 2018, on distribution regularization.
    """
    _check_maps(pred, target, reduction)
    first, second, dtype = widen(pred, target)
    return narrow(reduced(_divergence(second, first), reduction), dtype)


@op
def js_div_loss_2d(
    pred: Float[Tensor, "batch channels height width"],
    target: Float[Tensor, "batch channels height width"],
    reduction: str = "mean",
) -> Float[Tensor, ""] | Float[Tensor, "batch channels"]:
    """Return the Jensen-Shannon divergence of each pair of heatmaps, in nats: symmetric, at most ln 2, always finite.

    Args:
        pred: probabilities, (B, C, H, W), each map summing to one.
        target: probabilities of the same shape.
        reduction: `"none"` for one number per map, `"mean"` (0 of an empty batch) or `"sum"` over all maps.

    Returns:
        KL(pred || m) / 2 + KL(target || m) / 2 with m = (pred + target) / 2, (B, C) or a scalar.

    Raises:
        TypeError: `pred` or `target` is not a floating-point tensor.
        ValueError: `pred` has not four dimensions, `target` has another shape or device, or `reduction` is unknown.

    >>> js_div_loss_2d(torch.tensor([[[[0.0, 1.0]]]]), torch.tensor([[[[1.0, 0.0]]]]))
    tensor(0.6931)

    Source: Lin 1991, "Divergence measures based on the Shannon entropy"; Nibali et al. 2018, on distribution
    regularization.
    """
    _check_maps(pred, target, reduction)
    first, second, dtype = widen(pred, target)
    middle = (first + second) / 2
    divergence = (_divergence(first, middle) + _divergence(second, middle)) / 2
    return narrow(reduced(divergence, reduction), dtype)


def _check_maps(pred: Tensor, target: Tensor, reduction: str) -> None:
    check_floating(pred, "pred")
    check_floating(target, "target")
    check_shape(pred, "pred", "B", "C", "H", "W")
    check_same_shape(target, "target", pred)
    check_reduction(reduction)


def _divergence(probability: Tensor, other: Tensor) -> Tensor:
    """Return the sum of p (log p - log q) over each map; where p is zero, so are the term and its gradients."""
    counts = probability != 0
    ratio = torch.where(counts, probability, 1).log() - torch.where(counts, other, 1).log()
    return (probability * ratio).sum(dim=(-2, -1))
