# SPDX-License-Identifier: Apache-2.0
"""Races of segmentation losses: a batch of Pascal VOC's 21 classes, and a small one."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race

SHAPES = ((8, 21, 512, 512), (2, 4, 64, 64))


def segmentation_races(
    name: str,
    foveal: Callable[..., Tensor],
    kornia: Callable[..., Tensor],
    *args: Any,
    channels: int | None = None,
    binary: bool = False,
    **options: Any,
) -> list[Race]:
    """Race a loss of logits and class indices, forward and with its gradient.

    Args:
        name: the operation's.
        foveal: foveal's loss.
        kornia: Kornia's loss.
        args: further arguments.
        channels: number of channels of the logits, where it is not that of the classes.
        binary: whether the target has a 0 or 1 for each logit, not a class index for each pixel.
        options: further keyword arguments.
    """
    races = []
    for shape in SHAPES:
        count = channels or shape[1]
        logits = _logits(shape[0], count, *shape[2:])
        target = (
            (torch.rand(logits.shape) > 0.9).float()
            if binary
            else torch.randint(0, max(count, 2), (shape[0], *shape[2:]))
        )
        for way, time in (("", forward), (" +backward", forward_backward)):
            # Only the logits have a gradient.
            calls = [time(_Loss(function, target, args, options), logits) for function in (foveal, kornia)]
            races.append(
                Race(
                    name=f"{name}{way}",
                    size="x".join(map(str, logits.shape)),
                    foveal=calls[0],
                    peers={"kornia": calls[1]},
                    goal={"kornia": 2.0 if shape == SHAPES[0] else 1.0},
                    bytes_moved=target.nbytes + logits.nbytes * (1 if time is forward else 3),
                )
            )
    return races


@functools.cache
def _logits(*shape: int) -> Tensor:
    """Draw logits once for all races of a size: they are large."""
    return torch.randn(shape)


class _Loss:
    """A loss with all but its logits."""

    def __init__(
        self, function: Callable[..., Tensor], target: Tensor, args: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        self.function, self.target, self.args, self.options = function, target, args, options

    def __call__(self, logits: Tensor) -> Tensor:
        """Compute the loss."""
        return self.function(logits, self.target, *self.args, **self.options)
