# SPDX-License-Identifier: Apache-2.0
"""Parzen-window joint histograms of two signals, and the information that they share."""

import math
from enum import Enum, member
from typing import Any

import torch
from torch import Tensor

from foveal._check import (
    check_boolean,
    check_count,
    check_device,
    check_floating,
    check_option,
    check_same_shape,
    check_scalar,
    check_shape,
)


def _xu(d: Tensor, window_radius: float = 1.0) -> Tensor:
    """Return Xu's piecewise quadratic, a hat with round shoulders."""
    u = d.abs() / window_radius
    # The second piece in factors: its terms would not cancel at the end of the window.
    return _within(d, window_radius, torch.where(u < 0.5, 1 - 0.1 * u - 1.8 * u * u, (1 - u) * (1.9 - 1.8 * u)))


def _rectangular(d: Tensor, window_radius: float = 1.0) -> Tensor:
    """Return 1 in the window."""
    return _within(d, window_radius, 1 + 0 * d)  # of d, so that NaN stays, and a gradient of zero is one


def _truncated_gaussian(d: Tensor, window_radius: float = 1.0) -> Tensor:
    """Return the normal density of standard deviation `window_radius`, cut off at one of them."""
    u = d / window_radius
    return _within(d, window_radius, torch.exp(-0.5 * u * u) / (window_radius * math.sqrt(2 * math.pi)))


def _within(d: Tensor, window_radius: float, weight: Tensor) -> Tensor:
    return torch.where(d.abs() > window_radius, 0, weight)  # in this order NaN stays


class MIKernel(Enum):
    """Kernels of the density estimate: weights of a sample in a bin, by the distance d from its centre in bins.

    All are 0 for |d| > window_radius. With u = |d| / window_radius `xu` is 1 - 0.1 u - 1.8 u^2 for u < 0.5 and
    1.9 - 3.7 u + 1.8 u^2 from there on, `rectangular` 1 (without a gradient), and `truncated_gaussian` the density of
    standard deviation `window_radius`. The value of a member is its function (d, window_radius).

    >>> MIKernel.xu.value(torch.tensor([0.0, 0.5, 2.0]))
    tensor([1.0000, 0.5000, 0.0000])

    Source: Xu et al. 2008, "Parzen-window based normalized mutual information for medical image registration".
    """

    xu = member(_xu)
    rectangular = member(_rectangular)
    truncated_gaussian = member(_truncated_gaussian)


def check_pair(
    input: Any,
    target: Any,
    input_mask: Any,
    target_mask: Any,
    kernel_function: Any,
    num_bins: Any,
    window_radius: Any,
    *shape: str,
) -> None:
    """Check the arguments of a loss on signals whose last dimensions have the names of `shape`."""
    check_floating(input, "input")
    check_shape(input, "input", "*", *shape)
    check_floating(target, "target")
    check_same_shape(target, "target", input)
    if 0 in input.shape[-len(shape) :]:
        raise ValueError(f"input must have samples, got shape {tuple(input.shape)}")
    for mask, name in ((input_mask, "input_mask"), (target_mask, "target_mask")):
        if mask is not None:
            check_boolean(mask, name)
            check_shape(mask, name, *input.shape[-len(shape) :])
            check_device(mask, name, input)
    check_option(kernel_function, "kernel_function", tuple(MIKernel))
    check_count(num_bins, "num_bins")
    if num_bins < 2:
        raise ValueError(f"num_bins must be at least 2, got {num_bins}")
    check_scalar(window_radius, "window_radius", positive=True)


def joint_histogram(
    input: Tensor,
    target: Tensor,
    input_mask: Tensor | None,
    target_mask: Tensor | None,
    kernel_function: MIKernel,
    num_bins: int,
    window_radius: float,
) -> tuple[Tensor, Tensor]:
    """Return the soft counts of pairs of samples (*, N) in pairs of bins, (*, M, M), and which hold a constant."""
    first, constant = _positions(input, input_mask, num_bins)
    second, constant_too = _positions(target, target_mask, num_bins)
    bins = torch.arange(num_bins, device=input.device, dtype=torch.promote_types(first.dtype, second.dtype))
    first_weights, second_weights = (
        kernel_function.value(position.unsqueeze(-1) - bins, window_radius) for position in (first, second)
    )
    for mask in (input_mask, target_mask):
        if mask is not None:
            first_weights = first_weights * mask.unsqueeze(-1)
    return first_weights.mT @ second_weights, constant | constant_too


def _positions(signal: Tensor, mask: Tensor | None, num_bins: int) -> tuple[Tensor, Tensor]:
    """Return where samples (*, N) lie, from 0 to `num_bins - 1`, and which signals are constant."""
    wide = signal.to(torch.promote_types(signal.dtype, torch.float32))
    lowest, highest = ((wide if mask is None else torch.where(mask, wide, empty)) for empty in (torch.inf, -torch.inf))
    lowest, highest = lowest.amin(dim=-1, keepdim=True), highest.amax(dim=-1, keepdim=True)
    constant = highest - lowest <= torch.finfo(signal.dtype).eps
    # Replaced before they divide: no NaN then comes back with a gradient.
    lowest, extent = torch.where(constant, 0, lowest), torch.where(constant, 1, highest - lowest)
    inside = wide if mask is None else torch.where(mask, wide, lowest)
    return torch.where(constant, 0, (inside - lowest) / extent * (num_bins - 1)), constant.squeeze(-1)


def information(joint: Tensor, constant: Tensor) -> Tensor:
    """Return the mutual information of the two signals behind soft counts (*, bins, bins), in nats."""
    first, second, both = _entropies(joint)
    # A constant tells nothing: roundoff would leave a gradient to the other signal.
    return torch.where(constant, 0, first + second - both)


def normalized_information(joint: Tensor, constant: Tensor) -> Tensor:
    """Return Studholme's normalized mutual information, 1 for independent signals, 2 for equal ones."""
    first, second, both = _entropies(joint)
    single = constant | (both == 0)
    return torch.where(single, 1, (first + second) / torch.where(single, 1, both))


def _entropies(joint: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    total = joint.sum(dim=(-2, -1), keepdim=True)
    shares = joint / torch.where(total == 0, 1, total)
    return _entropy(shares.sum(dim=-1)), _entropy(shares.sum(dim=-2)), _entropy(shares.flatten(-2))


def _entropy(shares: Tensor) -> Tensor:
    """Return -sum p log p; empty bins have no gradient, which would be infinite."""
    empty = shares == 0
    return -(shares * torch.where(empty, 1, shares).log()).sum(dim=-1)
