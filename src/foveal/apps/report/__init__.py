# SPDX-License-Identifier: Apache-2.0
"""The report of `foveal demo`: chapters that measure something, on one self-contained HTML page."""

import traceback
from collections.abc import Sequence
from pathlib import Path

from foveal._files import written_whole
from foveal.apps.photo import PhotoError
from foveal.apps.report.batched_edges import batched_edges
from foveal.apps.report.chapter import Chapter, ChapterMaker, Facts, Failure, Figure, Settings, Table, Text
from foveal.apps.report.depth import depth
from foveal.apps.report.displacement import displacement
from foveal.apps.report.image_losses import image_losses
from foveal.apps.report.page import render_page
from foveal.apps.report.processing import processing
from foveal.apps.report.registration import registration

__all__ = [
    "CHAPTERS",
    "Chapter",
    "ChapterMaker",
    "Facts",
    "Failure",
    "Figure",
    "Settings",
    "Table",
    "Text",
    "make_chapter",
    "write_report",
]

CHAPTERS: tuple[ChapterMaker, ...] = (
    displacement,
    processing,
    registration,
    depth,
    batched_edges,
    image_losses,
)


def make_chapter(maker: ChapterMaker, settings: Settings) -> Chapter:
    """Make one chapter, or one that says why it could not be made.

    Raises:
        PhotoError: there is no photograph to work on, which is the user's to mend.
    """
    try:
        return maker(settings)
    except PhotoError:
        raise
    # One chapter that fails must not take the others along; the page shows it, and the command ends with status 1.
    except Exception as error:
        title = getattr(maker, "__name__", "chapter").replace("_", " ").capitalize()
        message = f"{type(error).__name__}: {error}"
        failure = Failure(message, traceback.format_exc())
        return Chapter(title, "This chapter could not be made: its computation failed.", (failure,))


def write_report(folder: Path, settings: Settings, makers: Sequence[ChapterMaker] = CHAPTERS) -> list[Chapter]:
    """Make the chapters and write them as `index.html` into a folder, which is made where it is missing.

    Returns:
        The chapters; `failed` tells which of them could not be made.

    Raises:
        PhotoError: there is no photograph to work on.
        OSError: the page cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chapters = [make_chapter(maker, settings) for maker in makers]
    with written_whole(folder / "index.html") as stream:
        stream.write(render_page(chapters).encode("utf-8"))
    return chapters
