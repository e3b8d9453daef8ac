# SPDX-License-Identifier: Apache-2.0
"""Files, and folders of them, that are written whole or not at all."""

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
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = not folder.exists()
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=folder.parent) as name:
        draft = Path(name)
        yield draft
        folder.mkdir(exist_ok=True)
        try:
            for file in sorted(draft.iterdir()):
                file.replace(folder / file.name)
        except OSError:
            if made:
                shutil.rmtree(folder, ignore_errors=True)
            raise
