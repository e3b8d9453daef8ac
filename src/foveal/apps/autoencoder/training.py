# SPDX-License-Identifier: Apache-2.0
"""Training of one model, on one process or many, that can be killed and resumed at any moment."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import reduce
from math import cos, pi
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn
from torch._C._distributed_c10d import GradBucket
from torch.nn.parallel import DistributedDataParallel

from foveal.apps.autoencoder.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from foveal.apps.autoencoder.data import Photo, draw_patches
from foveal.apps.autoencoder.model import Autoencoder, new_model, reconstruction_loss
from foveal.apps.autoencoder.options import LOSSES, Options, TrainingError
from foveal.apps.autoencoder.processes import Processes


def train(
    photos: Sequence[Photo],
    options: Options,
    loss: str,
    steps: int,
    *,
    digest: str = "",
    checkpoint: Path | None = None,
    every: int = 50,
    processes: Processes | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Autoencoder:
    """Train a model, from the checkpoint on where there is one.

    Args:
        photos: to train on.
        options: what the weights depend on.
        loss: `"l1"` or `"edges"`.
        steps: how many in all; the learning rate falls to zero over them.
        digest: of the photographs; a checkpoint made with others is refused.
        checkpoint: file of the state, written by the first process; `None` keeps none.
        every: steps from checkpoint to checkpoint; there is one after the last step too.
        processes: this one among all; `None` is one alone on the CPU.
        advance: told the number of steps done, at the start and after each.

    Returns:
        The model, on the device of this process.

    Raises:
        TrainingError: the checkpoint does not fit, or cannot be read or written, or training diverges.
        ValueError: an option is out of its range.
    """
    processes = processes or Processes()
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss}")
    check_shares(options, processes)
    settings = {**asdict(options), "loss": loss, "steps": steps, "photographs": digest}
    model = new_model(options.width, options.code, options.seed).to(processes.device)
    optimizer = torch.optim.Adam(model.parameters(), options.rate)
    start = 0
    if checkpoint is not None:
        found = processes.shared(lambda: load_checkpoint(checkpoint))
        if found is not None:
            _restore(checkpoint, found, settings, model, optimizer)
            start = found.step
    parallel = _spread(model, processes)
    advance(start)
    for step in range(start, steps):
        patches = draw_patches(photos, options, step, rank=processes.rank, count=processes.count)
        patches = patches.to(processes.device)
        weight = options.edge_weight if loss == "edges" else 0.0
        # Falls to zero along a cosine (Loshchilov and Hutter 2017): at the full rate colours waver from step to step.
        optimizer.param_groups[0]["lr"] = options.rate * (1 + cos(pi * step / steps)) / 2
        optimizer.zero_grad()
        reconstruction_loss(parallel(patches), patches, weight).backward()
        optimizer.step()
        done = step + 1
        if done == steps or done % every == 0:
            _check_finite(model, done)
            if checkpoint is not None:
                state = Checkpoint(settings, done, model.state_dict(), optimizer.state_dict())
                processes.shared(lambda state=state: save_checkpoint(checkpoint, state))
        advance(done)
    return model


def check_shares(options: Options, processes: Processes) -> None:
    """Raise ValueError unless each process gets as many patches of a step as the others."""
    if options.batch % processes.count:
        raise ValueError(f"batch must be a multiple of the {processes.count} processes, got {options.batch}")


def _spread(model: Autoencoder, processes: Processes) -> nn.Module:
    if processes.count == 1:
        return model
    parallel = DistributedDataParallel(model)
    parallel.register_comm_hook(processes.count, _mean_in_order)
    return parallel


def _mean_in_order(count: int, bucket: GradBucket) -> torch.futures.Future[torch.Tensor]:
    """Average gradients over the processes, in the order of their ranks.

    An all-reduce adds in an order that depends on a gradient's place in its bucket, and DDP moves gradients to other
    places after its first step. That step is another one in a run that was resumed, which must give the same bits.
    """
    own = bucket.buffer()
    parts = [torch.empty_like(own) for _ in range(count)]
    work = distributed.all_gather(parts, own, async_op=True)
    assert work is not None

    def average(_: object) -> torch.Tensor:
        return reduce(torch.add, parts).div_(count)

    return work.get_future().then(average)


def _restore(
    path: Path,
    found: Checkpoint,
    settings: dict[str, Any],
    model: Autoencoder,
    optimizer: torch.optim.Optimizer,
) -> None:
    for name, value in settings.items():
        if found.settings.get(name) != value:
            raise TrainingError(
                f"{path} was made with {name} {found.settings.get(name)}, not {value}: give that, or another folder"
            )
    try:
        model.load_state_dict(found.model)
        optimizer.load_state_dict(found.optimizer)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(f"{path} holds the state of another model: {reason}") from error


def _check_finite(model: Autoencoder, step: int) -> None:
    """Raise before weights that are no numbers take the place of a good checkpoint; all processes have the same."""
    if not all(bool(weight.isfinite().all()) for weight in model.parameters()):
        raise TrainingError(f"training diverged before step {step}: lower the rate")
