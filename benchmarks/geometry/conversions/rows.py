# SPDX-License-Identifier: Apache-2.0
"""Races of conversions of a million rows."""

from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race

COUNT = 1_000_000


def row_races(
    operation: Callable[..., Any], peer: Callable[..., Any], *inputs: Tensor, width: int, size: str
) -> Iterator[Race]:
    """Yield the races against Kornia, forward and backward, at the issue's goal.

    Args:
        operation: foveal's.
        peer: Kornia's.
        inputs: what both take.
        width: float32 numbers in a row of the result.
        size: the inputs, as the table prints them.
    """
    read = sum(tensor.nbytes for tensor in inputs)
    written = COUNT * width * 4
    for way, time in (("", forward), (" +backward", forward_backward)):
        yield Race(
            name=f"{operation.__name__}{way}",
            size=size,
            foveal=time(operation, *inputs),
            peers={"kornia": time(peer, *inputs)},
            goal={"kornia": 2.0},
            # Backward reads inputs and gradients, and writes as many gradients as inputs.
            bytes_moved=read + written if not way else 3 * read + 2 * written,
        )
