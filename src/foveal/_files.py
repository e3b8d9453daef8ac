# SPDX-License-Identifier: Apache-2.0
"""Files, and folders of them, that are written whole or not at all."""

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(path: Path) -> Generator[BinaryIO]:
    """Open a file for writing that takes its name only when the block ends without an exception.

    Args:
        path: the file; one that exists is replaced at once, or stays as it was where writing fails. Links are followed.

    The temporary file lies in the same folder, for a file can be put in another's place only on the same file system.
    """
    target = path.resolve()
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def folder_written_whole(folder: Path) -> Generator[Path]:
    """Give a draft folder, whose files move to `folder` only when the block ends without an exception.

    Args:
        folder: where to; it is made where it is missing. Files of the same names are replaced, others stay.
    """
    made = not folder.exists()
    # The draft must be on the same file system, and the folder may be all that the user can write to.
    place = folder.parent if made else folder
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=place) as name:
        draft = Path(name)
        yield draft
        files = sorted(draft.iterdir())
        for file in files:
            if (folder / file.name).is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder / file.name))
        folder.mkdir(exist_ok=True)
        try:
            for file in files:
                file.replace(folder / file.name)
        except OSError:
            if made:
                shutil.rmtree(folder, ignore_errors=True)
            raise


def check_folder(folder: Path) -> None:
    """Raise OSError where a folder cannot be made or written to: to be called before the work that fills it."""
    place = folder.absolute()
    nearest = next(parent for parent in (place, *place.parents) if parent.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(nearest))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(nearest))
