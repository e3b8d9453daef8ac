# SPDX-License-Identifier: Apache-2.0
"""Figures of the chapter on displacement."""

from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from foveal.apps.displacement import Displacement
from foveal.apps.photo import Photo
from foveal.apps.report.chapter import Figure
from foveal.apps.report.plots import Theme, bare_axes, picture, plot, style_axes

# Told apart by those who do not see all colours, and seen on black and on white (after Okabe and Ito 2008).
COLOURS = {
    None: "#8a919c",
    "local": "#56b4e9",
    "integral": "#d55e00",
    "quadratic": "#cc79a7",
    "log_quadratic": "#e69f00",
    "gaussian": "#009e73",
}
MARKERS = {None: "s", "local": "D", "integral": "v", "quadratic": "^", "log_quadratic": "P", "gaussian": "o"}
MAGNIFIED = 15
BINS = 10
# Half the height of the enlarged plot of bias, in pixels.
CLOSE = 0.06


def label(refinement: str | None) -> str:
    """Return a refinement as the user types it."""
    return refinement or "none"


def arrows(result: Displacement, photo: Photo, refinement: str | None) -> Figure:
    """Draw the displacement found by a refinement as arrows on the photograph."""
    height, width = result.photo.shape
    canvas = Canvas(figsize=(5, 5 * height / width))
    axes = canvas.add_axes((0.0, 0.0, 1.0, 1.0))
    bare_axes(axes)
    axes.imshow(photo.colours.movedim(0, -1).numpy(), interpolation="antialiased")
    moved = result.found[refinement] - result.centres
    # Every second row and column of patches, or the photograph would vanish under its arrows.
    places = ((result.centres - result.centres.amin(dim=0)) / result.spacing).round()
    shown = (places % 2 == 0).all(dim=1) & moved.isfinite().all(dim=1)
    axes.quiver(
        *result.centres[shown].numpy().T,
        *(MAGNIFIED * moved[shown]).numpy().T,
        color="#ffd166",
        angles="xy",
        scale_units="xy",
        scale=1,
        units="dots",
        width=3,
        headwidth=4,
        headlength=4.5,
        headaxislength=4,
        path_effects=[patheffects.withStroke(linewidth=1.2, foreground="#1b1f24")],
    )
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(height - 0.5, -0.5)
    lengths = moved.norm(dim=-1)
    lengths = lengths[lengths.isfinite()]
    return picture(
        canvas,
        alt=f"The photograph with {int(shown.sum())} arrows, which start at textured patches.",
        caption=f"Displacement of every fourth patch as found by `{label(refinement)}`, {MAGNIFIED} times "
        f"magnified; the lengths are {lengths.min():.2f} to {lengths.max():.2f} px.",
        width=720,
    )


def one_patch(result: Displacement) -> Figure:
    """Draw a typical patch: itself, where it was found, and the top of its correlation map."""
    rounding = (result.found[None] - result.truth).norm(dim=-1)
    index = int((rounding - rounding.nanmedian()).abs().nan_to_num(float("inf")).argmin())
    centre, truth = result.centres[index], result.truth[index]

    def draw(theme: Theme) -> Canvas:
        canvas = Canvas(figsize=(9.6, 3.6), layout="constrained")
        views = canvas.subplots(1, 3)
        titles = ("the patch, in the photo", "its true place, in the copy", "top of its correlation map")
        for axes, title in zip(views, titles, strict=True):
            axes.set_title(title, color=theme.ink, fontsize=10.5, loc="left")
            bare_axes(axes)
        for axes, image, middle in ((views[0], result.photo, centre), (views[1], result.warped, truth)):
            draw_patch(axes, image.numpy(), centre.tolist(), middle.tolist(), result)
        draw_peak(views[2], result, index)
        handles = views[2].get_legend_handles_labels()
        canvas.legend(*handles, loc="outside lower center", ncols=7, frameon=False, fontsize=9, labelcolor=theme.ink)
        return canvas

    return plot(
        draw,
        alt="A patch of the photo, its place in the warped copy, and the samples around the peak of its correlation "
        "with a mark for each refinement and a ring at the true place.",
        caption=f"One patch, whose highest sample is as far off as that of the median patch "
        f"({rounding[index]:.2f} px). On the right each square is one sample of the correlation map; refinements place "
        "the peak between the samples.",
    )


def draw_patch(axes: Axes, image: np.ndarray, centre: list[float], middle: list[float], result: Displacement) -> None:
    """Show the window of the search with a frame of the patch's size around `middle`."""
    reach, (x, y) = result.patch // 2 + result.radius, (int(v) for v in centre)
    window = image[y - reach : y + reach + 1, x - reach : x + reach + 1]
    axes.imshow(window, cmap="gray", extent=(x - reach - 0.5, x + reach + 0.5, y + reach + 0.5, y - reach - 0.5))
    corner = (middle[0] - result.patch / 2, middle[1] - result.patch / 2)
    axes.add_patch(Rectangle(corner, result.patch, result.patch, fill=False, edgecolor="#ffd166", linewidth=1.6))
    axes.plot(*middle, "+", color="#ffd166", markersize=9, markeredgewidth=1.6)


def draw_peak(axes: Axes, result: Displacement, index: int) -> None:
    """Show the samples within about two pixels of the truth, and where each refinement puts the peak."""
    reach, truth = 2, result.truth[index].tolist()
    peak, origin = result.maps[index].numpy(), (result.centres[index] - result.radius).tolist()
    x, y = round(truth[0] - origin[0]), round(truth[1] - origin[1])
    rows, columns = (slice(max(v - reach, 0), v + reach + 1) for v in (y, x))
    top = peak[rows, columns]
    left, upper = columns.start + origin[0] - 0.5, rows.start + origin[1] - 0.5
    axes.imshow(top, cmap="gray", extent=(left, left + top.shape[1], upper + top.shape[0], upper))
    style: dict[str, Any] = {"markeredgecolor": "black", "markeredgewidth": 0.7, "markersize": 8, "linestyle": ""}
    for kind, found in result.found.items():
        axes.plot(*found[index].tolist(), MARKERS[kind], color=COLOURS[kind], label=label(kind), **style)
    ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgewidth": 2, "markersize": 17, "linestyle": ""}
    axes.plot(*truth, "o", markeredgecolor="#e63946", label="truth", **ring)


def bias_plot(result: Displacement) -> Figure:
    """Plot the median error along x over the true fraction of a pixel."""
    truth = result.truth[:, 0]
    fraction = (truth - truth.round()).numpy()
    edges = np.linspace(-0.5, 0.5, BINS + 1)
    bins = np.clip(np.digitize(fraction, edges) - 1, 0, BINS - 1)
    lines: dict[str | None, list[float]] = {}
    for kind, found in result.found.items():
        error = (found[:, 0] - truth).numpy()
        parts = [error[(bins == index) & np.isfinite(error)] for index in range(BINS)]
        lines[kind] = [float(np.median(part)) if len(part) else float("nan") for part in parts]

    def draw(theme: Theme) -> Canvas:
        canvas = Canvas(figsize=(9.6, 4.2), layout="constrained")
        left, right = canvas.subplots(1, 2)
        for kind, line in lines.items():
            for axes in (left, right):
                style = {"color": COLOURS[kind], "marker": MARKERS[kind], "markersize": 5.5, "linewidth": 1.8}
                axes.plot((edges[1:] + edges[:-1]) / 2, line, label=label(kind), **style)
        for axes, title in ((left, "Bias along x"), (right, "The same, close to zero")):
            axes.axhline(0, color=theme.soft, linewidth=0.9)
            style_axes(axes, theme, title=title, x="truth minus nearest pixel centre, px", y="median error, px")
        right.set_ylim(-CLOSE, CLOSE)
        handles = left.get_legend_handles_labels()
        canvas.legend(*handles, loc="outside lower center", ncols=6, frameon=False, fontsize=9.5, labelcolor=theme.ink)
        return canvas

    return plot(
        draw,
        alt="Two line plots of the median error along x against the true fraction of a pixel, one line per refinement; "
        "the second is enlarged around zero, where a line without bias stays.",
        caption="A refinement without bias stays at zero, wherever between two pixels the truth lies. The highest "
        "sample alone falls from +0.5 to -0.5; what is drawn to pixel centres lies between that line and zero.",
    )


def distribution_plot(result: Displacement) -> Figure:
    """Plot the share of patches whose error stays under a limit."""

    def draw(theme: Theme) -> Canvas:
        canvas = Canvas(figsize=(9.6, 4.2), layout="constrained")
        axes = canvas.subplots()
        for kind in result.found:
            lengths = np.sort(result.errors(kind).norm(dim=-1).numpy())
            share = 100 * np.arange(1, len(lengths) + 1) / len(result.maps)
            axes.plot(np.maximum(lengths, 1e-4), share, color=COLOURS[kind], lw=2, label=label(kind))
        axes.set_xscale("log")
        axes.set_xlim(1e-3, 1)
        axes.set_ylim(0, 100)
        axes.set_xticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
        style_axes(
            axes, theme, title="Error, all patches", x="distance from the truth, px (log scale)", y="patches within, %"
        )
        canvas.legend(loc="outside right center", frameon=False, fontsize=9.5, labelcolor=theme.ink)
        return canvas

    return plot(
        draw,
        alt="Cumulative distribution of the error of each refinement on a logarithmic axis from 0.001 to 1 pixel. "
        "Lines further left are more exact.",
        caption="Share of the patches that are found within a distance of the truth: further left is better.",
    )
