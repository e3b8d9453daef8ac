# SPDX-License-Identifier: Apache-2.0
"""The commands of the command line, put together."""

from typing import Annotated

import typer

import foveal
from foveal.cli.demo import demo
from foveal.cli.depth import depth
from foveal.cli.peaks import peaks
from foveal.cli.register import register
from foveal.cli.warmup import warmup

application = typer.Typer(
    name="foveal", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False
)
application.command(short_help="Coordinates of the peaks of map files, as a table.")(peaks)
application.command(short_help="The transform that lays one image onto another.")(register)
application.command(short_help="Depth of a view from other views of a scene.")(depth)
application.command(short_help="A report measured on this machine, with pictures.")(demo)
application.command(short_help="Compile all kernels ahead of time.")(warmup)


def show_version(wanted: bool) -> None:
    """Print the version and end, where it was asked for."""
    if wanted:
        typer.echo(f"foveal {foveal.__version__}")
        raise typer.Exit


@application.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Differentiable computer vision: subpixel peaks, registration, depth, and a report of what it can do."""
