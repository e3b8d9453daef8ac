# SPDX-License-Identifier: Apache-2.0
"""Files that are written whole or not at all."""

import os
import secrets
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
