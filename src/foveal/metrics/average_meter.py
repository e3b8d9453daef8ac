# SPDX-License-Identifier: Apache-2.0
"""A running mean."""

from typing import Any

from torch import Tensor


class AverageMeter:
    """A running mean of numbers, as those of the batches of an epoch.

    `val` is the last number, `sum` that of all, each times its weight, and `count` the sum of the weights. Numbers that
    are tensors stay tensors, on their device and with their graph: update with detached ones to let that go.

    >>> import torch
    >>> meter = AverageMeter()
    >>> meter.update(torch.tensor(80.0), n=3)
    >>> meter.update(60.0)
    >>> meter.avg
    75.0
    """

    val: float | Tensor
    sum: float | Tensor
    count: int

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all numbers."""
        self.val, self.sum, self.count = 0.0, 0.0, 0

    def update(self, val: float | bool | Tensor, n: int = 1) -> None:
        """Add a number that stands for `n` samples."""
        self.val = val
        # Not in place: a tensor from outside would change.
        self.sum = self.sum + val * n
        self.count = self.count + n

    @property
    def avg(self) -> float:
        """The mean as a Python number, read from the device where it is a tensor; 0 of none."""
        total: Any = self.sum
        return float(total / self.count) if self.count else 0.0
