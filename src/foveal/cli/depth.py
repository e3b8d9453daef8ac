# SPDX-License-Identifier: Apache-2.0
"""`foveal depth`: depth of a view from other views."""

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from foveal.cli.console import counted, fail, reporting


def depth(
    scene: Annotated[
        Path,
        typer.Argument(
            metavar="SCENE",
            help="Folder with images and scene.json, or with a COLMAP model as text; docs/depth.md describes both.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", file_okay=False, help="Folder to write to.")],
    reference: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="The image whose depth is wanted; else the scene's, or the first."),
    ] = None,
    method: Annotated[
        Literal["adam", "sgd"],
        typer.Option(
            help="adam: planes are searched, then inverse depth is moved by Adam. sgd: random depth, momentum."
        ),
    ] = "adam",
    smoothness: Annotated[float, typer.Option(min=0.0, help="Weight of the edge-aware smoothness.")] = 0.3,
    consistency: Annotated[
        float, typer.Option(min=0.0, help="Weight of the agreement with the depth of the other views; takes longer.")
    ] = 0.0,
) -> None:
    """Estimate the depth of one view of a scene from its other views.

    OUT gets depth.npy, depth.png (16 bits), depth_colours.png and points.ply; all of them, or none if anything fails.
    A view other than the reference whose image cannot be read is reported and left out; the exit status is then 1.
    """
    from foveal._files import check_folder
    from foveal.apps.depth import SceneError, Settings, estimate_depth, read_scene
    from foveal.apps.depth.outputs import FILES, write_depth

    start, bad = time.perf_counter(), list[str]()
    try:
        check_folder(output)
        settings = Settings(method=method, smoothness=smoothness, consistency=consistency)
        with reporting(None) as reporter:

            def leave_out(message: str) -> None:
                bad.append(message)
                reporter.say(f"left out: {message}")

            views = read_scene(scene, reference, leave_out)
            estimate = estimate_depth(views, settings, reporter.step)
        unit = write_depth(output, views.views[0], estimate)
    except SceneError as error:
        fail(str(error), status=1)
    except OSError as error:
        fail(f"cannot write: {error}", status=1)
    near, far = float(estimate.depth.min()), float(estimate.depth.max())
    typer.echo(
        f"{output}: {', '.join(FILES)} of {views.views[0].name} from {counted(len(views.views) - 1, 'other view')}, "
        f"depths {near:.4g} to {far:.4g}, {unit:g} a step of depth.png, after {time.perf_counter() - start:.1f} s"
    )
    if bad:
        typer.echo(f"{counted(len(bad), 'view')} of {len(bad) + len(views.views)} could not be read", err=True)
        raise typer.Exit(1)
