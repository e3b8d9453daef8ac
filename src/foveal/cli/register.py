# SPDX-License-Identifier: Apache-2.0
"""`foveal register`: the transform that lays one image onto another."""

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from foveal.cli.console import fail, reporting


def register(
    fixed: Annotated[Path, typer.Argument(metavar="A", help="The image that stays.")],
    moving: Annotated[Path, typer.Argument(metavar="B", help="The image that is laid onto it.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", file_okay=False, help="Folder to write to.")],
    model: Annotated[
        Literal["translation", "similarity", "affine", "homography"], typer.Option(help="What may lie between them.")
    ] = "homography",
    method: Annotated[
        Literal["gauss-newton", "adam"],
        typer.Option(help="Second order, robust, with brightness and contrast; or plain gradient descent."),
    ] = "gauss-newton",
) -> None:
    """Find the transform that lays image B onto image A.

    OUT gets transform.json, warped.png, checkerboard.png and error.png; all of them, or none if anything fails.
    """
    from foveal._files import check_folder
    from foveal.apps.photo import PhotoError, read_picture
    from foveal.apps.registration import Level, RegistrationError
    from foveal.apps.registration import register as run
    from foveal.apps.registration.outputs import FILES, write_registration

    start = time.perf_counter()
    try:
        check_folder(output)
        images = [read_picture(path) for path in (fixed, moving)]
    except PhotoError as error:
        fail(str(error), status=1)
    except OSError as error:
        fail(f"cannot write: {error}", status=1)
    try:
        with reporting(None) as reporter:

            def show(level: Level) -> None:
                steps, error = len(level.costs) - 1, level.costs[-1]
                reporter.step(f"{level.width} x {level.height} {level.model}: {steps} steps, error {error:.3f}")

            found = run(images[0], images[1], model=model, method=method, report=show)
        write_registration(output, images[0], images[1], found)
    except (RegistrationError, ValueError) as error:
        fail(f"{moving} onto {fixed}: {error}", status=1)
    except OSError as error:
        fail(f"cannot write: {error}", status=1)
    typer.echo(
        f"{output}: {', '.join(FILES)}; {found.model}, correlation {found.correlation:.3f} over {found.overlap:.0%} of "
        f"{fixed.name}, after {time.perf_counter() - start:.1f} s"
    )
