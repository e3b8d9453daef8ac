# SPDX-License-Identifier: Apache-2.0
"""`foveal demo`: a report measured on the user's machine."""

import time
from pathlib import Path
from typing import Annotated

import typer

from foveal.cli.console import counted, fail, reporting


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", file_okay=False, help="Folder for the report, index.html.")
    ] = Path("report"),
    photo: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A photograph of your own; else one of scikit-image's.")
    ] = None,
) -> None:
    """Measure what foveal does on a real photograph, and write it as one HTML page with pictures.

    A chapter that fails is shown as failed in the page, and the exit status is then 1.
    """
    from foveal.apps.photo import PhotoError
    from foveal.apps.report import CHAPTERS, Settings, write_report

    start = time.perf_counter()
    try:
        with reporting(None) as reporter:
            chapters = write_report(output, Settings(photo, reporter.step), CHAPTERS)
    except PhotoError as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot write the report: {error}", status=1)
    typer.echo(
        f"{output / 'index.html'}: {counted(len(chapters), 'chapter')} after {time.perf_counter() - start:.1f} s"
    )
    failed = [chapter.title for chapter in chapters if chapter.failed]
    if failed:
        typer.echo(f"failed: {', '.join(failed)}; the page shows why", err=True)
        raise typer.Exit(1)
