# SPDX-License-Identifier: Apache-2.0
"""What a training is told, and how it fails."""

from dataclasses import dataclass
from math import isfinite

# What a model is trained with, by name: the absolute difference, or that and the difference of edges.
LOSSES = ("l1", "edges")


class TrainingError(Exception):
    """Training cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Options:
    """What the weights after a number of steps depend on, beside the photographs and the number of processes.

    Args:
        batch: patches of a step, over all processes together.
        size: rows and columns of a patch, a multiple of 8.
        width: channels of the first layer.
        code: numbers that stand for 8x8 pixels of 3 channels each.
        rate: learning rate of Adam at the start.
        edge_weight: of the difference of edges, where it is part of the loss.
        seed: of the first weights and of all that is drawn.

    Raises:
        ValueError: an option is out of its range.
    """

    batch: int = 16
    size: int = 48
    width: int = 24
    code: int = 8
    rate: float = 3e-3
    edge_weight: float = 5.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch", "size", "width", "code"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.size % 8:
            raise ValueError(f"size must be a multiple of 8, got {self.size}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")
        if not (isfinite(self.rate) and self.rate > 0):
            raise ValueError(f"rate must be a positive number, got {self.rate}")
        if not (isfinite(self.edge_weight) and self.edge_weight > 0):
            raise ValueError(f"edge_weight must be a positive number, got {self.edge_weight}")
