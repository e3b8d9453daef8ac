# SPDX-License-Identifier: Apache-2.0
"""Planes stretched to a range."""

import torch
from torch import Tensor

from foveal._check import check_number, check_shape
from foveal._op import op


@op
def normalize_min_max(input: Tensor, min_val: float = 0.0, max_val: float = 1.0, eps: float = 1e-6) -> Tensor:
    """Stretch every plane so that its smallest pixel becomes one value and its largest another.

    Args:
        input: images (*, H, W), floats or integers.
        min_val: what the smallest pixel of each plane becomes.
        max_val: what the largest pixel becomes, but for `eps`.
        eps: added to the difference of the two where it divides.

    Returns:
        (input - min) / (max - min + eps) * (max_val - min_val) + min_val, of integers in float32. Planes of one value
        become `min_val`.

    Raises:
        TypeError: `input` is no tensor, or an option is no number.
        ValueError: `input` has less than two dimensions, or planes without pixels.

    >>> normalize_min_max(torch.tensor([[1.0, 2.0, 5.0]]))
    tensor([[0.0000, 0.2500, 1.0000]])
    """
    check_shape(input, "input", "*", "H", "W")
    if 0 in input.shape[-2:]:
        raise ValueError(f"input must have pixels, got shape {tuple(input.shape)}")
    for value, name in ((min_val, "min_val"), (max_val, "max_val"), (eps, "eps")):
        check_number(value, name)
    dtype = input.dtype if input.is_floating_point() else torch.float32
    # In half precision eps would be 0.
    pixels = input.to(torch.promote_types(dtype, torch.float32))
    smallest, largest = pixels.amin(dim=(-2, -1), keepdim=True), pixels.amax(dim=(-2, -1), keepdim=True)
    return ((pixels - smallest) / (largest - smallest + eps) * (max_val - min_val) + min_val).to(dtype)
