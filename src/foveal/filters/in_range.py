# SPDX-License-Identifier: Apache-2.0
"""Pixels whose channels all lie between bounds."""

from typing import Any

import torch
from jaxtyping import Real
from torch import Tensor

from foveal._check import check_tensor
from foveal._module import module
from foveal._op import op

Bound = tuple[Any, ...] | Tensor


@op
def in_range(
    input: Real[Tensor, "*batch height width"], lower: Bound, upper: Bound, return_mask: bool = False
) -> Real[Tensor, "*out height width"]:
    """Keep the pixels whose channels all lie between bounds, and set the others to zero.

    Args:
        input: images, (*, C, H, W), or (H, W).
        lower: least value of each channel: C numbers, or a tensor of one number, of C, or one that broadcasts to
            (B, C, H, W).
        upper: largest value of each channel, in the form of `lower`.
        return_mask: return 1 for a pixel that is kept and 0 for another, in place of the pixels.

    Returns:
        Images like `input`, or masks (*, 1, H, W), (H, W) for (H, W), in its dtype. A NaN or an infinity that is not
        kept becomes NaN.

    Raises:
        TypeError: bounds are not both tuples or both tensors.
        ValueError: bounds do not fit the channels.

    Convention: bounds are inclusive, and rounded to the dtype of floating-point images; NaN is in no range.

    >>> in_range(torch.tensor([[[0.1, 0.5, 0.9]], [[0.5, 0.5, 0.5]]]), (0.2, 0.0), (0.8, 1.0))
    tensor([[[0.0000, 0.5000, 0.0000]],
    <BLANKLINE>
            [[0.0000, 0.5000, 0.0000]]])
    """
    check_tensor(input, "input")
    if input.is_complex():
        raise TypeError(f"input must hold real numbers, got {input.dtype}")
    if input.ndim < 2:
        raise ValueError(f"input must have shape (*, C, H, W) or (H, W), got {tuple(input.shape)}")
    if not isinstance(return_mask, bool):
        raise TypeError(f"return_mask must be a bool, got {type(return_mask).__name__}")
    image = input if input.ndim > 2 else input.unsqueeze(0)
    # Bounds of integers may have fractions, or lie outside what the dtype holds.
    image = image if image.is_floating_point() else image.double()
    low, high = check_bounds(lower, upper, input)
    images = image.reshape(-1, *image.shape[-3:])
    inside = ((images >= low.to(image)) & (images <= high.to(image))).all(1, keepdim=True)
    mask = inside.reshape(*image.shape[:-3], 1, *image.shape[-2:])
    mask = (mask if input.ndim > 2 else mask.squeeze(0)).to(input.dtype)
    return mask if return_mask else input * mask


class InRange(module(in_range, inputs=("input",))): ...


def check_bounds(lower: Any, upper: Any, input: Tensor) -> tuple[Tensor, Tensor]:
    """Return bounds that broadcast to (B, C, H, W), or raise."""
    for name, bound in (("lower", lower), ("upper", upper)):
        if not isinstance(bound, tuple | Tensor):
            raise TypeError(f"{name} must be a tuple or a torch.Tensor, got {type(bound).__name__}")
    if isinstance(lower, Tensor) != isinstance(upper, Tensor):
        raise TypeError("lower and upper must both be tuples or both tensors")
    channels = input.shape[-3] if input.ndim > 2 else 1
    return _broadcast(lower, "lower", channels, input), _broadcast(upper, "upper", channels, input)


def _broadcast(bound: Bound, name: str, channels: int, input: Tensor) -> Tensor:
    if isinstance(bound, tuple):
        if len(bound) != channels:
            raise ValueError(f"{name} must have one number per channel, {channels}, got {len(bound)}")
        bound = torch.tensor(bound, dtype=torch.float64, device=input.device)
    if bound.ndim == 1:
        if bound.shape[0] not in (1, channels):
            raise ValueError(f"{name} must have 1 or {channels} numbers, one per channel, got {bound.shape[0]}")
        return bound.view(-1, 1, 1)
    shape = (input.shape[:-3].numel(), channels, *input.shape[-2:])
    wanted = shape[4 - bound.ndim :] if bound.ndim <= 4 else ()
    if bound.ndim > 4 or any(side not in (1, size) for side, size in zip(bound.shape, wanted, strict=True)):
        raise ValueError(f"{name} must broadcast to shape {shape}, got {tuple(bound.shape)}")
    return bound
