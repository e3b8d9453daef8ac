# SPDX-License-Identifier: Apache-2.0
"""The chapter on edges of batches, as the survey on Kornia raced them."""

from typing import Any

import torch
from matplotlib.figure import Figure as Canvas

from foveal.apps.batched_edges import BATCHES, CONTENDERS, SIZE, race_edges
from foveal.apps.photo import read_photo
from foveal.apps.report.chapter import Chapter, Facts, Figure, Settings, Table, Text
from foveal.apps.report.plots import Theme, plot, style_axes

# Told apart by those who do not see all colours, and seen on black and on white (after Okabe and Ito 2008).
COLOURS = {
    "foveal": "#d55e00",
    "kornia": "#56b4e9",
    "opencv": "#009e73",
    "pillow": "#cc79a7",
    "scikit-image": "#e69f00",
    "scipy": "#8a919c",
}
MARKERS = {"foveal": "o", "kornia": "s", "opencv": "^", "pillow": "P", "scikit-image": "D", "scipy": "v"}


def batched_edges(settings: Settings) -> Chapter:
    """Race Sobel's edges of batches of images."""
    photo = read_photo(settings.photo)
    times = race_edges(photo.colours, announce=settings.announce)
    peers = [name for name in times if name != "foveal"]
    return Chapter(
        "Edges of batches",
        f"""Sobel's edges of up to {BATCHES[-1]} colour images of {SIZE} x {SIZE} pixels at once, out of a photograph
            ({photo.name}): the race of the survey on Kornia (Riba et al. 2020), against the libraries that are
            installed here.""",
        (
            Facts(tuple((f"{_ratio(times, n):.1f} times", f"faster than {CONTENDERS[n].label}") for n in peers)),
            edge_plot(times),
            Text(_method(), heading="How it was measured"),
            _table(times),
        ),
    )


def edge_plot(times: dict[str, list[float]]) -> Figure:
    """Plot the time that an image takes over the number of images."""

    def draw(theme: Theme) -> Canvas:
        canvas = Canvas(figsize=(9.6, 4.4), layout="constrained")
        axes = canvas.subplots()
        for name, seconds in times.items():
            each = [1e3 * total / batch for total, batch in zip(seconds, BATCHES, strict=True)]
            style: dict[str, Any] = {"color": COLOURS[name], "marker": MARKERS[name], "markersize": 6}
            axes.plot(BATCHES, each, label=CONTENDERS[name].label, linewidth=2.6 if name == "foveal" else 1.6, **style)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(BATCHES, [str(batch) for batch in BATCHES])
        axes.tick_params(which="minor", length=0)
        title = f"Sobel's edges of {SIZE} x {SIZE} colour images"
        style_axes(axes, theme, title=title, x="images in a batch", y="milliseconds an image (log scale)")
        canvas.legend(loc="outside right center", frameon=False, fontsize=9.5, labelcolor=theme.ink)
        return canvas

    return plot(
        draw,
        alt="Line plot of the milliseconds that one image takes against the number of images in a batch, a line for "
        "each library. Lower lines are faster.",
        caption="Time of one image, by the number of images that are handed over at once: lower is faster.",
    )


def _ratio(times: dict[str, list[float]], peer: str) -> float:
    """Return how many times faster foveal is at the largest batch."""
    return times[peer][-1] / times["foveal"][-1]


def _method() -> str:
    return f"""Each library gets the images in its own layout, {torch.get_num_threads()} threads, and is called again
        and again; the table has the median, the numbers above are those of {BATCHES[-1]} images. foveal and Kornia
        take the batch as one tensor and the others image by image; scikit-image and SciPy, which would smooth over the
        colours too, channel by channel. All compute in floats but Pillow, which has bytes alone. Only foveal and Kornia
        can give gradients."""


def _table(times: dict[str, list[float]]) -> Table:
    own = times["foveal"]
    rows = list[tuple[str, ...]]()
    for name, seconds in times.items():
        cells = [f"{1e3 * value:.3f}" for value in seconds]
        if name != "foveal":
            cells = [f"{cell} ({value / base:.1f}x)" for cell, value, base in zip(cells, seconds, own, strict=True)]
        rows.append((CONTENDERS[name].label, *cells))
    return Table(
        ("library", *(f"{batch} images, ms" if batch > 1 else "1 image, ms" for batch in BATCHES)),
        tuple(rows),
        "Median time of a call on the batch; in parentheses how many times foveal's.",
        best=(0,),
    )
