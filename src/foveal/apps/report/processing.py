# SPDX-License-Identifier: Apache-2.0
"""The chapter on image processing: a dozen operations on a photograph, and how long they take."""

from math import exp, log

import torch
from matplotlib.figure import Figure as Canvas

from foveal.apps.photo import Photo, read_photo
from foveal.apps.processing import OPERATIONS, Run, find_peers, run_operation
from foveal.apps.report.chapter import Chapter, Facts, Figure, Settings, Table, Text
from foveal.apps.report.plots import bare_axes, picture
from foveal.apps.stopwatch import Stopwatch

NAMES = {"plain": "plain PyTorch", "opencv": "OpenCV", "kornia": "Kornia"}
COLUMNS = 4


def processing(settings: Settings) -> Chapter:
    """Run a dozen operations on a photograph."""
    watch = Stopwatch(settings.announce)
    with watch.step("Read the photograph"):
        photo = read_photo(settings.photo)
    peers, runs = find_peers(), list[Run]()
    for operation in OPERATIONS:
        with watch.step(f"Run {operation.name}"):
            runs.append(run_operation(operation, photo.colours, peers))
    contenders = ("plain", *peers)
    return Chapter(
        "Image processing",
        _summary(photo, contenders),
        (
            _facts(runs, contenders),
            _gallery(photo, runs),
            Text(_method(), heading="How fast"),
            _table(runs, contenders),
        ),
    )


def mean_ratio(runs: list[Run], peer: str) -> float:
    """Return how many times faster foveal is than a contender, the geometric mean over operations."""
    logs = [log(run.seconds[peer] / run.seconds["foveal"]) for run in runs]
    return exp(sum(logs) / len(logs))


def _summary(photo: Photo, contenders: tuple[str, ...]) -> str:
    _, height, width = photo.colours.shape
    names = " and ".join(f"by {NAMES[name]}" for name in contenders if name != "plain")
    others = f", and {names}" if names else "; neither OpenCV nor Kornia is installed here to race against"
    return f"""A dozen operations on a photograph ({photo.name}, {width} x {height} pixels, float32), each as one fused
        kernel. The same is done by the formulas that the kernels stand for, in plain PyTorch{others}."""


def _facts(runs: list[Run], contenders: tuple[str, ...]) -> Facts:
    return Facts(
        tuple(
            (f"{mean_ratio(runs, name):.1f} times", f"faster than {NAMES[name]}, geometric mean") for name in contenders
        )
    )


def _gallery(photo: Photo, runs: list[Run]) -> Figure:
    _, height, width = photo.colours.shape
    rows = -(-len(runs) // COLUMNS)
    canvas = Canvas(figsize=(10, rows * (2.5 * height / width + 0.25)), layout="constrained")
    for axes, run in zip(canvas.subplots(rows, COLUMNS, squeeze=False).flat, runs, strict=False):
        axes.imshow(run.picture.movedim(0, -1).numpy(), cmap="gray", vmin=0, vmax=1, interpolation="antialiased")
        # Grey that can be read on a light and on a dark page.
        axes.set_title(run.operation.name, fontsize=9.5, family="monospace", loc="left", color="#808893")
    for axes in canvas.axes:
        bare_axes(axes)
        axes.set_visible(bool(axes.images))
    return picture(
        canvas,
        alt="The photograph after each of the operations, named above each picture.",
        caption="What each operation makes of the photograph. Of HSV the hue is shown, of Lab the lightness, of Sobel "
        "the root of the magnitude.",
    )


def _method() -> str:
    return f"""Every contender gets the same photograph in its own layout, {torch.get_num_threads()} threads, and is
        called again and again; the table has the median. OpenCV computes Canny and CLAHE of bytes alone: it gets bytes,
        foveal and Kornia floats. Where an operation has a gradient, the last columns are a call and its gradient to the
        image, which OpenCV does not have."""


def _table(runs: list[Run], contenders: tuple[str, ...]) -> Table:
    header = ["operation", "foveal, ms", *(f"{NAMES[name]}, ms" for name in contenders), "with gradient, ms"]
    has_kornia = "kornia" in contenders
    rows = list[tuple[str, ...]]()
    for run in runs:
        own = run.seconds["foveal"]
        cells = [f"{1e3 * run.seconds[n]:.3f} ({run.seconds[n] / own:.1f}x)" for n in contenders]
        own_backward = run.backward_seconds.get("foveal")
        gradients = ["" if own_backward is None else f"{1e3 * own_backward:.3f}"]
        if has_kornia:
            peer = run.backward_seconds.get("kornia")
            gradients.append(f"{1e3 * peer:.3f} ({peer / own_backward:.1f}x)" if peer and own_backward else "")
        rows.append((run.operation.name, f"{1e3 * own:.3f}", *cells, *gradients))
    return Table(
        (*header, *(["Kornia with gradient, ms"] if has_kornia else [])),
        tuple(rows),
        "Median time of a call; in parentheses how many times foveal's.",
    )
