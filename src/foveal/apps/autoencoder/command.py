# SPDX-License-Identifier: Apache-2.0
"""`python -m foveal.apps.autoencoder`: train with both losses, or one, and show what the models make of photographs."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from foveal.apps.autoencoder.checkpoint import remove_leftovers
from foveal.apps.autoencoder.data import Photos, read_photos
from foveal.apps.autoencoder.evaluation import Comparison, compare, write_comparison
from foveal.apps.autoencoder.model import Autoencoder
from foveal.apps.autoencoder.options import LOSSES, Options, TrainingError
from foveal.apps.autoencoder.processes import Processes, joined
from foveal.apps.autoencoder.training import check_shares, train
from foveal.cli.console import Reporter, fail, reporting

DEFAULTS = Options()
_Out = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", file_okay=False, help="Folder for all results.")]


def main(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Images to train on; else some of scikit-image's.")
    ] = None,
    output: _Out = Path("autoencoder"),
    loss: Annotated[str, typer.Option(help="l1, edges (L1 and edges) or both, one after the other.")] = "both",
    steps: Annotated[int, typer.Option(min=1, help="Steps of each training.")] = 1000,
    batch: Annotated[int, typer.Option(help="Patches of a step, over all processes.")] = DEFAULTS.batch,
    size: Annotated[int, typer.Option(help="Side of a patch in pixels, a multiple of 8.")] = DEFAULTS.size,
    width: Annotated[int, typer.Option(help="Channels of the first layer.")] = DEFAULTS.width,
    code: Annotated[int, typer.Option(help="Numbers that stand for 8x8 pixels.")] = DEFAULTS.code,
    rate: Annotated[float, typer.Option(help="Learning rate of Adam at the start.")] = DEFAULTS.rate,
    edge_weight: Annotated[float, typer.Option(help="Weight of the edges in the loss.")] = DEFAULTS.edge_weight,
    seed: Annotated[int, typer.Option(help="Of weights, order, crops and flips.")] = DEFAULTS.seed,
    checkpoint_every: Annotated[int, typer.Option(min=1, metavar="STEPS", help="Between two checkpoints.")] = 50,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "auto",
) -> None:
    """Train an autoencoder by L1, and by L1 and the difference of Sobel's edges, and compare what comes back.

    A run that was killed goes on from its last checkpoint in the output folder when the same command is given again.
    Under torchrun the processes share each batch.
    """
    try:
        options = Options(batch, size, width, code, rate, edge_weight, seed)
        losses = _losses(loss)
        with joined(device) as processes:
            _run(folder, output, losses, steps, options, checkpoint_every, processes)
    except ValueError as error:
        _fail(str(error))
    except TrainingError as error:
        _fail(str(error), status=1)


def _losses(loss: str) -> tuple[str, ...]:
    if loss not in (*LOSSES, "both"):
        raise ValueError(f"loss must be one of {', '.join((*LOSSES, 'both'))}, got {loss}")
    return LOSSES if loss == "both" else (loss,)


def _run(
    folder: Path | None,
    output: Path,
    losses: tuple[str, ...],
    steps: int,
    options: Options,
    every: int,
    processes: Processes,
) -> None:
    # Before there is an output folder.
    check_shares(options, processes)
    # One process speaks for all.
    with reporting(steps * len(losses)) if processes.rank == 0 else nullcontext() as reporter:
        photos = read_photos(folder, options.size, reporter.say if reporter else lambda _: None)
        digest = photos.digest()
        if processes.shared(lambda: digest) != digest:
            raise TrainingError("the processes do not find the same images")
        processes.shared(lambda: _prepare(output))
        models = {
            loss: train(
                photos.training,
                options,
                loss,
                steps,
                digest=digest,
                checkpoint=output / f"{loss}.pt",
                every=every,
                processes=processes,
                advance=_counter(reporter, loss),
            )
            for loss in losses
        }
        comparison = processes.shared(lambda: _finish(output, models, photos, {"steps": steps, **asdict(options)}))
    if processes.rank == 0:
        _print(comparison, output)


def _counter(reporter: Reporter | None, loss: str) -> Callable[[int], None]:
    counted = 0

    def count(done: int) -> None:
        nonlocal counted
        if reporter:
            reporter.step(f"{loss}: step {done:,}")
            for _ in range(done - counted):
                reporter.advance()
        counted = done

    return count


def _prepare(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
        remove_leftovers(output)
    except OSError as error:
        raise TrainingError(f"cannot write to {output}: {error.strerror or error}") from error


def _finish(output: Path, models: dict[str, Autoencoder], photos: Photos, details: dict[str, Any]) -> Comparison:
    comparison = compare(models, photos.test)
    try:
        write_comparison(output, comparison, {**details, "unseen": photos.test != photos.training})
    except OSError as error:
        raise TrainingError(f"cannot write the results: {error}") from error
    return comparison


def _print(comparison: Comparison, output: Path) -> None:
    for loss, scores in comparison.scores.items():
        typer.echo(
            f"{loss:5s}  absolute error {scores.absolute_error:.4f}  edge error {scores.edge_error:.5f}  "
            f"edges {scores.edge_share:.0%} of the original"
        )
    typer.echo(f"{output / 'reconstructions.png'}: {', '.join(comparison.names)}, and edges below")


def _fail(message: str, status: int = 2) -> NoReturn:
    # Each process says it: which of them torchrun lets speak before it ends all is not known.
    alone = os.environ.get("WORLD_SIZE", "1") == "1"
    fail(message if alone else f"process {os.environ.get('RANK')}: {message}", status)
