# SPDX-License-Identifier: Apache-2.0
"""Errors of disparity maps."""

from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn.functional import mse_loss

from foveal._check import check_device, check_floating, check_option, check_same_shape, check_scalar, check_tensor
from foveal._dtype import narrow, widen
from foveal._op import op

Maps = Float[Tensor, "*shape"]
Mask = Shaped[Tensor, "..."] | None
Error = Float[Tensor, "*shape"] | Float[Tensor, ""]


@op
def mean_absolute_disparity_error(
    input: Maps,
    target: Maps,
    valid_mask: Mask = None,
    reduction: str = "mean",
) -> Error:
    """Return the absolute error of disparities, on average.

    Args:
        input: disparities in pixels, of any shape.
        target: right disparities of the same shape.
        valid_mask: pixels that count, those that are not 0; broadcast to the maps from their last dimension. `None`
            is all.
        reduction: "mean" or "sum" over the pixels that count, or "none" for one number each, 0 for all others.

    Returns:
        The error in pixels, a scalar or of the shape of the maps; the mean of no pixel is NaN. Half precision is
        computed in float32.

    Raises:
        TypeError: a map is not of a floating-point dtype, or `valid_mask` no tensor.
        ValueError: shapes or devices do not fit, or the reduction is unknown.

    >>> mean_absolute_disparity_error(torch.tensor([1.0, 5.0]), torch.tensor([1.0, 1.0]))
    tensor(2.)

    Source: Scharstein and Szeliski 2002, "A taxonomy and evaluation of dense two-frame stereo correspondence
    algorithms", section 5.1.
    """
    first, second, valid, dtype = _maps(input, target, valid_mask, reduction)
    return narrow(_reduced(_difference(first, second, valid).abs(), valid, reduction), dtype)


@op
def root_mean_squared_disparity_error(
    input: Maps,
    target: Maps,
    valid_mask: Mask = None,
    reduction: str = "mean",
) -> Error:
    """Return the root of the squared error of disparities, on average.

    Args:
        input: disparities in pixels, of any shape.
        target: right disparities of the same shape.
        valid_mask: pixels that count, those that are not 0; broadcast to the maps from their last dimension. `None`
            is all.
        reduction: "mean" or "sum" over the pixels that count, or "none" for one number each, 0 for all others.

    Returns:
        The error in pixels, a scalar (the sum is that under the root) or the absolute errors of the shape of the maps;
        the mean of no pixel is NaN. Half precision is computed in float32.

    Raises:
        TypeError: a map is not of a floating-point dtype, or `valid_mask` no tensor.
        ValueError: shapes or devices do not fit, or the reduction is unknown.

    Convention: equal maps have a gradient of 0.

    >>> root_mean_squared_disparity_error(torch.tensor([1.0, 5.0]), torch.tensor([1.0, 1.0]))
    tensor(2.8284)

    Source: Scharstein and Szeliski 2002, "A taxonomy and evaluation of dense two-frame stereo correspondence
    algorithms", section 5.1.
    """
    first, second, valid, dtype = _maps(input, target, valid_mask, reduction)
    if reduction == "none":
        return narrow(_difference(first, second, valid).abs(), dtype)
    if valid is None:
        square = mse_loss(first, second, reduction=reduction)
    else:
        square = _reduced(_difference(first, second, valid).square(), valid, reduction)
    # The root has no slope at 0.
    perfect = square == 0
    return narrow(torch.where(perfect, 0, torch.where(perfect, 1, square).sqrt()), dtype)


@op
def mean_bad_pixel_error(
    input: Maps,
    target: Maps,
    threshold: float = 3.0,
    valid_mask: Mask = None,
    reduction: str = "mean",
) -> Error:
    """Return the fraction of pixels whose disparity is wrong by more than a threshold.

    Args:
        input: disparities in pixels, of any shape.
        target: right disparities of the same shape.
        threshold: largest error in pixels of a good pixel.
        valid_mask: pixels that count, those that are not 0; broadcast to the maps from their last dimension. `None`
            is all.
        reduction: "mean" or "sum" over the pixels that count, or "none" for one number each, 0 for all others.

    Returns:
        A fraction in [0, 1] ("sum": a number of pixels), a scalar, or 1 for every bad pixel; the mean of no pixel is
        NaN. It has no gradient; NaN is good.

    Raises:
        TypeError: a map is not of a floating-point dtype, `valid_mask` no tensor, or a threshold no number.
        ValueError: shapes or devices do not fit, or the reduction is unknown.

    >>> mean_bad_pixel_error(torch.tensor([1.0, 5.0]), torch.tensor([1.0, 1.0]))
    tensor(0.5000)

    Source: Scharstein and Szeliski 2002, "A taxonomy and evaluation of dense two-frame stereo correspondence
    algorithms", section 5.1.
    """
    check_scalar(threshold, "threshold")
    first, second, valid, dtype = _maps(input, target, valid_mask, reduction)
    return _share(_difference(first, second, valid).abs() > threshold, valid, reduction, dtype)


@op
def kitti_d1_error(
    input: Maps,
    target: Maps,
    abs_threshold: float = 3.0,
    rel_threshold: float = 0.05,
    valid_mask: Mask = None,
    reduction: str = "mean",
) -> Error:
    """Return the fraction of pixels whose disparity is wrong by more than two thresholds: KITTI's D1.

    Args:
        input: disparities in pixels, of any shape.
        target: right disparities of the same shape.
        abs_threshold: largest error in pixels of a good pixel.
        rel_threshold: largest error of a good pixel as a fraction of its right disparity; one of the two is enough.
        valid_mask: pixels that count, those that are not 0; broadcast to the maps from their last dimension. `None`
            is all.
        reduction: "mean" or "sum" over the pixels that count, or "none" for one number each, 0 for all others.

    Returns:
        A fraction in [0, 1] ("sum": a number of pixels), a scalar, or 1 for every bad pixel; the mean of no pixel is
        NaN. It has no gradient; NaN is good.

    Raises:
        TypeError: a map is not of a floating-point dtype, `valid_mask` no tensor, or a threshold no number.
        ValueError: shapes or devices do not fit, or the reduction is unknown.

    Convention: pixels whose right disparity is 0 go by `abs_threshold` alone; KITTI leaves them out by its mask.

    >>> kitti_d1_error(torch.tensor([1.0, 5.0]), torch.tensor([1.0, 1.0]))
    tensor(0.5000)

    Source: Menze and Geiger 2015, "Object scene flow for autonomous vehicles", section 5.
    """
    check_scalar(abs_threshold, "abs_threshold")
    check_scalar(rel_threshold, "rel_threshold")
    first, second, valid, dtype = _maps(input, target, valid_mask, reduction)
    error = _difference(first, second, valid).abs()
    bad = (error > abs_threshold) & (error / second.abs() > rel_threshold)
    return _share(bad, valid, reduction, dtype)


def _maps(
    input: Any, target: Any, valid_mask: Any, reduction: Any
) -> tuple[Tensor, Tensor, Tensor | None, torch.dtype]:
    """Check the arguments and return the maps in float32 at least, where they count, and the dtype of the error."""
    check_floating(input, "input")
    check_floating(target, "target")
    check_same_shape(target, "target", input)
    check_option(reduction, "reduction", ("none", "mean", "sum"))
    first, second, dtype = widen(input, target)
    if valid_mask is None:
        return first, second, None, dtype
    check_tensor(valid_mask, "valid_mask")
    check_device(valid_mask, "valid_mask", input)
    sizes = input.shape[max(input.ndim - valid_mask.ndim, 0) :]
    if valid_mask.ndim > input.ndim or any(m not in (1, s) for m, s in zip(valid_mask.shape, sizes, strict=True)):
        raise ValueError(
            f"valid_mask must broadcast to the shape of input, {tuple(input.shape)}, got {tuple(valid_mask.shape)}"
        )
    valid = valid_mask if valid_mask.dtype is torch.bool else valid_mask != 0
    return first, second, valid.expand(input.shape), dtype


def _difference(first: Tensor, second: Tensor, valid: Tensor | None) -> Tensor:
    """Return differences, 0 where they do not count: a map may be NaN there, and its slope would be."""
    difference = first - second
    return difference if valid is None else torch.where(valid, difference, 0)


def _share(bad: Tensor, valid: Tensor | None, reduction: str, dtype: torch.dtype) -> Tensor:
    """Return which pixels are bad, how many, or their share of those that count."""
    if valid is not None:
        bad = bad & valid
    wide = torch.promote_types(dtype, torch.float32)
    return narrow(_reduced(bad.to(wide), valid, reduction), dtype)


def _reduced(error: Tensor, valid: Tensor | None, reduction: str) -> Tensor:
    """Reduce errors, which are 0 where they do not count."""
    if reduction == "none":
        return error
    if reduction == "sum":
        return error.sum()
    # Not `mean`, whose gradient divides every element instead of one number.
    return error.sum() / (error.numel() if valid is None else valid.sum())
