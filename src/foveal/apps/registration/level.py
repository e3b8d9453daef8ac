# SPDX-License-Identifier: Apache-2.0
"""What a registration tells of its levels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """What happened on one level.

    Args:
        height: of the fixed image there, pixels.
        width: likewise.
        model: what was fitted.
        costs: mean error before each iteration and at the end, in units of the noise (Gauss-Newton) or of pixel values.
    """

    height: int
    width: int
    model: str
    costs: list[float]
