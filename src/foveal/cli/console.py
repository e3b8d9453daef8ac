# SPDX-License-Identifier: Apache-2.0
"""What the commands say to the user: progress and messages, all of it on stderr."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def printable(text: object) -> str:
    """Return the text without control characters, which a file's name could carry into the terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text))


def fail(message: str, status: int = 2) -> NoReturn:
    """Say what was wrong and end: with status 2 for a wrong option, as typer does, or another."""
    typer.echo(f"foveal: {printable(message)}", err=True)
    raise typer.Exit(status)


class Reporter:
    """A progress bar with messages above it."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total)

    def step(self, description: object) -> None:
        """Say what is being worked on."""
        self._progress.update(self._task, description=escape(printable(description)))

    def advance(self) -> None:
        """Count one thing done."""
        self._progress.advance(self._task)

    def say(self, message: object) -> None:
        """Print a line that stays."""
        self._progress.console.print(escape(printable(message)), highlight=False, soft_wrap=True)


@contextmanager
def reporting(total: int | None) -> Generator[Reporter]:
    """Show a progress bar on stderr over `total` things, where their number is known; off a terminal only messages."""
    console = Console(file=sys.stderr)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Reporter(progress, total)


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `3 files` and so on."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
