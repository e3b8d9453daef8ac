# SPDX-License-Identifier: Apache-2.0
"""Plots that read well on a light and on a dark page."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from foveal.apps.report.chapter import Figure


@dataclass(frozen=True)
class Theme:
    """Colours of a plot's own parts; data colours are chosen to be seen on both."""

    ink: str
    soft: str
    line: str


LIGHT = Theme(ink="#1b1f24", soft="#5b6470", line="#e3e1dc")
DARK = Theme(ink="#e7e9ec", soft="#9aa4b0", line="#2c323a")


def plot(draw: Callable[[Theme], Canvas], *, alt: str, caption: str) -> Figure:
    """Draw a plot once for each theme, as SVG."""
    return Figure(_encode(draw(LIGHT), "svg"), "image/svg+xml", alt, caption, dark_image=_encode(draw(DARK), "svg"))


def picture(canvas: Canvas, *, alt: str, caption: str, width: int = 0) -> Figure:
    """Encode a drawing that looks the same in both themes, as WebP at twice the page's resolution."""
    return Figure(_encode(canvas, "webp"), "image/webp", alt, caption, width=width)


def style_axes(axes: Axes, theme: Theme, *, title: str, x: str, y: str) -> None:
    """Give a plot its names and the theme's colours, with nothing that holds no information."""
    axes.set_title(title, color=theme.ink, fontsize=11, loc="left", pad=10)
    axes.set_xlabel(x, color=theme.soft, fontsize=9.5)
    axes.set_ylabel(y, color=theme.soft, fontsize=9.5)
    axes.tick_params(colors=theme.soft, labelsize=9, length=0)
    axes.grid(color=theme.line, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_facecolor("none")
    for spine in axes.spines.values():
        spine.set_visible(False)


def bare_axes(axes: Axes) -> None:
    """Leave nothing but the picture."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _encode(canvas: Canvas, media: str) -> bytes:
    stream = io.BytesIO()
    # The same input gives the same bytes: no date, and names of parts that do not change from run to run.
    with matplotlib.rc_context({"svg.hashsalt": "foveal"}):
        options = {"metadata": {"Date": None}} if media == "svg" else {"pil_kwargs": {"quality": 88, "method": 4}}
        canvas.savefig(stream, format=media, dpi=200, transparent=True, **options)
    return stream.getvalue()
