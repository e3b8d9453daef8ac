# SPDX-License-Identifier: Apache-2.0
"""Fixed thresholds."""

import enum
from typing import Any

import torch
from torch import Tensor, nn

from foveal._check import check_number, check_option, check_tensor
from foveal._op import op


class ThresholdType(enum.IntEnum):
    """What becomes of pixels above a threshold and of the others, by OpenCV's numbers."""

    THRESH_BINARY = 0
    THRESH_BINARY_INV = 1
    THRESH_TRUNC = 2
    THRESH_TOZERO = 3
    THRESH_TOZERO_INV = 4
    THRESH_OTSU = 8


FIXED = tuple(int(member) for member in ThresholdType if member != ThresholdType.THRESH_OTSU)


@op
def threshold(
    input: Tensor,
    thresh: Tensor | float,
    maxval: Tensor | float = 255.0,
    type: int = ThresholdType.THRESH_BINARY,
) -> Tensor:
    """Compare every pixel with a threshold.

    Args:
        input: an image of any shape and real dtype.
        thresh: the threshold, which no pixel that equals it passes; a number, or a tensor that broadcasts. Integers are
            compared with its floor.
        maxval: what pixels that pass become in a binary image, given as `thresh` is; clipped to an integer dtype.
        type: `THRESH_BINARY` (maxval above, 0 below), `THRESH_BINARY_INV` (0 above, maxval below), `THRESH_TRUNC`
            (thresh above), `THRESH_TOZERO` (0 below) or `THRESH_TOZERO_INV` (0 above).

    Returns:
        The image in the dtype of `input`.

    Raises:
        TypeError: `input` is no tensor, or a value is neither a number nor a tensor.
        ValueError: `type` is none of these; Otsu's threshold is found by `foveal.filters.otsu_threshold`.

    >>> threshold(torch.tensor([0.2, 0.5, 0.7]), 0.5, 1.0)
    tensor([0., 0., 1.])

    Source: OpenCV, `threshold`.
    """
    check_tensor(input, "input")
    check_number(thresh, "thresh")
    check_number(maxval, "maxval")
    check_option(type, "type", FIXED)
    if input.is_floating_point():
        limit = level = _like(thresh, input, input.dtype)
    else:
        lowest, highest = _range(input.dtype)
        exact = _like(thresh, input, torch.float64).floor()
        limit, level = exact.clamp(lowest - 1, highest), exact.clamp(lowest, highest).to(input.dtype)
    above = input > limit
    if type == ThresholdType.THRESH_TRUNC:
        return torch.where(above, level, input)
    if type in (ThresholdType.THRESH_BINARY, ThresholdType.THRESH_BINARY_INV):
        kept = _like(maxval, input, input.dtype)
    else:
        kept = input
    zero = torch.zeros((), dtype=input.dtype, device=input.device)
    if type in (ThresholdType.THRESH_BINARY, ThresholdType.THRESH_TOZERO):
        return torch.where(above, kept, zero)
    return torch.where(above, zero, kept)


class Threshold(nn.Module):
    """Module form of `threshold`: made from its options, called with the image.

    Args:
        thresh: the threshold.
        maxval: what pixels that pass become in a binary image.
        type: which of the kinds, see `threshold`.
    """

    def __init__(self, thresh: float, maxval: float = 255.0, type: int = ThresholdType.THRESH_BINARY) -> None:
        super().__init__()
        # nn.Module has a method named type.
        self.thresh, self.maxval, self.kind = thresh, maxval, ThresholdType(type)

    def forward(self, input: Tensor) -> Tensor:
        """Compare every pixel of `input`."""
        return threshold(input, self.thresh, self.maxval, self.kind)

    def extra_repr(self) -> str:
        """Return the options."""
        return f"thresh={self.thresh}, maxval={self.maxval}, type={int(self.kind)}"


def _range(dtype: torch.dtype) -> tuple[int, int]:
    """Return the smallest and largest integer of a dtype."""
    return (0, 1) if dtype is torch.bool else (torch.iinfo(dtype).min, torch.iinfo(dtype).max)


def _like(value: Any, input: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a number or tensor on the device of the image, in a dtype, clipped to it."""
    if not isinstance(value, Tensor):
        value = torch.tensor(value, dtype=torch.float64, device=input.device)
    if not dtype.is_floating_point and value.is_floating_point():
        value = value.clamp(*_range(dtype))
    return value.to(input.device, dtype)
