# SPDX-License-Identifier: Apache-2.0
"""The state of a training in a file, which is whole at every moment."""

import re
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import torch

from foveal._files import written_whole
from foveal.apps.autoencoder.options import TrainingError

FORMAT = "foveal autoencoder 1"


class Checkpoint(NamedTuple):
    """The state after a number of steps.

    Args:
        settings: by name, all that must be the same for a training to go on.
        step: number of steps done; with the seed it gives everything that is drawn from here on.
        model: its weights.
        optimizer: its state.
    """

    settings: dict[str, Any]
    step: int
    model: dict[str, Any]
    optimizer: dict[str, Any]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in the place of the one before, which stays until the new one lies on the disk whole.

    Raises:
        TrainingError: the file cannot be written.
    """
    try:
        with written_whole(path) as stream:
            torch.save({"format": FORMAT, **checkpoint._asdict()}, stream)
    except OSError as error:
        raise TrainingError(f"cannot write {path}: {error.strerror or error}") from error


def load_checkpoint(path: Path) -> Checkpoint | None:
    """Read a checkpoint; `None` where there is no file.

    Raises:
        TrainingError: the file cannot be read, is damaged, or is not a checkpoint of this program.
    """
    try:
        with path.open("rb") as stream:
            # PyTorch does not compare checksums.
            with zipfile.ZipFile(stream) as archive:
                damaged = archive.testzip()
            if damaged is not None:
                raise zipfile.BadZipFile(f"bad checksum of {damaged}")
            stream.seek(0)
            content = torch.load(stream, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrainingError(f"cannot read {path}: {error.strerror or error}") from error
    # Whatever a file holds that no checkpoint does: the readers raise errors of many kinds.
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(f"{path} is damaged, or no checkpoint: {reason}; remove it to start anew") from error
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT or set(content) != {*Checkpoint._fields}:
        raise TrainingError(f"{path} is not a checkpoint of this program; remove it to start anew")
    return Checkpoint(**content)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of runs that were killed while they wrote."""
    for path in folder.glob(".*.tmp"):
        if re.fullmatch(r"\.[0-9a-f]{16}\.tmp", path.name):
            path.unlink(missing_ok=True)
