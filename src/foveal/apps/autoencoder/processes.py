# SPDX-License-Identifier: Apache-2.0
"""The processes of one training: one alone, or those that `torchrun` started."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import distributed

from foveal.apps.autoencoder.options import TrainingError

Value = TypeVar("Value")
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Processes:
    """This process among all.

    Args:
        rank: its number; the process 0 writes and speaks.
        count: of all.
        device: what this one computes on.
    """

    rank: int = 0
    count: int = 1
    device: torch.device = CPU

    def shared(self, make: Callable[[], Value]) -> Value:
        """Return on every process what `make` gives on the first, or raise everywhere what it raises there."""
        if self.count == 1:
            return make()
        outcome: list[Any] = [None, None]
        if self.rank == 0:
            try:
                outcome[0] = make()
            # Raised again below, on all processes.
            except Exception as error:
                outcome[1] = error
        distributed.broadcast_object_list(outcome, src=0)
        if outcome[1] is not None:
            raise outcome[1]
        return outcome[0]


@contextmanager
def joined(device: str) -> Generator[Processes]:
    """Join the processes that `torchrun` started, by NCCL on CUDA and else by gloo; alone where it did not.

    Args:
        device: `"cpu"`, `"cuda"` (each process of a machine takes one) or `"auto"`, CUDA where there is any.

    Raises:
        TrainingError: there is no such device for this process.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise TrainingError(f"the device must be auto, cpu or cuda, got {device}")
    rank, count, local = (int(os.environ.get(n, d)) for n, d in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0)))
    available = torch.cuda.device_count()
    on_cuda = device == "cuda" or (device == "auto" and available > 0)
    if on_cuda and local >= available:
        raise TrainingError(f"process {local} of this machine finds no CUDA device: there are {available}")
    if on_cuda:
        torch.cuda.set_device(local)
        # A run that was resumed must give the bits of an unbroken one.
        torch.backends.cudnn.deterministic = True
    processes = Processes(rank, count, torch.device("cuda", local) if on_cuda else CPU)
    if count > 1:
        distributed.init_process_group("nccl" if on_cuda else "gloo")
    try:
        yield processes
    finally:
        if count > 1:
            distributed.destroy_process_group()
