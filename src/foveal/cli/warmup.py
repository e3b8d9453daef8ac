# SPDX-License-Identifier: Apache-2.0
"""`foveal warmup`: kernels compiled ahead of time."""

import time
from typing import Annotated, Literal

import typer

from foveal.cli.console import counted, fail, reporting


def warmup(
    device: Annotated[Literal["cpu", "cuda"], typer.Option(help="Whose kernels to compile.")] = "cpu",
) -> None:
    """Compile all kernels into the cache on disk, so that no later call waits for its compilation."""
    import torch

    from foveal.kernels import warm_up

    if device == "cuda" and not torch.cuda.is_available():
        fail("cannot compile kernels for cuda: torch finds no CUDA device")
    start, names = time.perf_counter(), 0
    with reporting(None) as reporter:
        for name in warm_up(device):
            names += 1
            reporter.step(name)
            reporter.advance()
    typer.echo(f"{counted(names, 'kernel')} ready for {device} after {time.perf_counter() - start:.1f} s")
