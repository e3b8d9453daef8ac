# SPDX-License-Identifier: Apache-2.0
"""`foveal peaks`: coordinates of the peaks of map files."""

from pathlib import Path
from typing import Annotated, Literal

import torch
import typer

from foveal.cli.console import counted, fail, reporting

Refinement = Literal["none", "integral", "local", "quadratic", "log_quadratic", "gaussian"]


def peaks(
    maps: Annotated[
        list[Path],
        typer.Argument(
            metavar="MAPS",
            help=".npy, .npz or .pt files of maps as (h, w), (channels, h, w) or (samples, channels, h, w); or images, "
            "each channel a map.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="The table: .csv or .parquet.")],
    refinement: Annotated[
        Refinement, typer.Option(help="How a peak is placed between pixels; docs/peaks.md compares the ways.")
    ] = "log_quadratic",
    local: Annotated[bool, typer.Option("--local", help="All local peaks; else the highest one of each map.")] = False,
    threshold: Annotated[float, typer.Option(help="The least value of a peak.")] = 0.2,
    device: Annotated[str, typer.Option(help="Where to compute: cpu, cuda, cuda:1, ...")] = "cpu",
    overlays: Annotated[
        bool, typer.Option(help="Draw each sample with its peaks as a PNG, in the folder OUT_overlays beside OUT.")
    ] = True,
) -> None:
    """Find the peaks of confidence maps, to a fraction of a pixel, and write them as a table.

    A row is: file, sample, channel, x, y (pixels, centres on integers), value. Without --local every map has one row,
    with x, y and value empty where nothing reaches the threshold. A file that cannot be read is reported and left out,
    and the exit status is then 1.
    """
    from foveal.apps.maps import UnreadableError, read_maps
    from foveal.apps.overlay import OverlayNames, write_overlays
    from foveal.apps.table import PeakTable, find_peaks, table_writer

    try:
        table_writer(output)
    except ValueError as error:
        fail(str(error))
    if output.is_dir():
        fail(f"the output {output} is a folder")
    place = usable_device(device)
    names = OverlayNames(output.with_name(f"{output.stem}_overlays"), maps)
    table, bad = PeakTable(), []
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with reporting(len(maps)) as reporter:
            for path in maps:
                reporter.step(path)
                try:
                    arrays = read_maps(path)
                except UnreadableError as error:
                    bad.append(path)
                    reporter.say(f"{path}: {error}")
                    arrays = []
                for name, values in arrays:
                    found = find_peaks(
                        values.to(place),
                        refinement=None if refinement == "none" else refinement,
                        local=local,
                        threshold=threshold,
                    )
                    table.add(f"{path}:{name}" if name else str(path), found)
                    if overlays:
                        stem = f"{path.stem}-{name}" if name else path.stem
                        write_overlays(values, found, names.paths(stem, len(values)))
                reporter.advance()
        if len(bad) < len(maps):
            table.write(output)
            typer.echo(f"{output}: {counted(len(table), 'row')} from {counted(len(maps) - len(bad), 'file')}")
    except OSError as error:
        fail(f"cannot write: {error}", status=1)
    if bad:
        typer.echo(f"{counted(len(bad), 'file')} of {len(maps)} could not be read", err=True)
        raise typer.Exit(1)


def usable_device(name: str) -> torch.device:
    """Return the device, or end with a message where torch cannot use it."""
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        fail(f"cannot use the device {name!r}: {str(error).partition(chr(10))[0]}")
    return device
