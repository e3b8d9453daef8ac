# SPDX-License-Identifier: Apache-2.0
"""What a chapter of the report is made of.

A chapter is a function from `Settings` to `Chapter`: to add one, add its function to `foveal.apps.report.CHAPTERS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Text:
    """Paragraphs of plain text, parted by blank lines; `words between backticks` are set as code."""

    text: str
    heading: str = ""


@dataclass(frozen=True)
class Facts:
    """Headline numbers: pairs of a value and what it is."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """A picture.

    Args:
        image: encoded picture for a light page.
        media_type: such as `image/png`.
        alt: what is to be seen, for those who cannot see it.
        caption: what it means.
        dark_image: the same for a dark page, where it differs.
        width: widest display, in CSS pixels; 0 takes the width of the page.
    """

    image: bytes
    media_type: str
    alt: str
    caption: str
    dark_image: bytes | None = None
    width: int = 0


@dataclass(frozen=True)
class Table:
    """Rows of text; every column but the first is set flush right, as numbers are.

    Args:
        header: name of each column.
        rows: cells as they are to be read.
        caption: what the table shows.
        best: indices of the rows to set off.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    best: tuple[int, ...] = ()


@dataclass(frozen=True)
class Failure:
    """What stands in place of a chapter that raised an exception."""

    message: str
    trace: str


Part = Text | Facts | Figure | Table | Failure


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Args:
        title: its heading.
        summary: what was done and what came out, in a few sentences.
        body: texts, numbers, figures and tables in order.
    """

    title: str
    summary: str
    body: tuple[Part, ...]

    @property
    def failed(self) -> bool:
        """Whether this stands for a chapter that could not be made."""
        return any(isinstance(part, Failure) for part in self.body)


@dataclass(frozen=True)
class Settings:
    """What every chapter is given.

    Args:
        photo: image file to work on, or `None` for the default photograph.
        announce: to be told the name of each step as it begins.
    """

    photo: Path | None = None
    announce: Callable[[str], object] = field(default=lambda _: None)


ChapterMaker = Callable[[Settings], Chapter]
