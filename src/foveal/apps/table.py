# SPDX-License-Identifier: Apache-2.0
"""The table of peaks, as CSV or Parquet."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor

from foveal._files import written_whole
from foveal.peaks import find_global_peaks, find_local_peaks


class Peaks(NamedTuple):
    """Peaks of one array of maps, one row each, in the order of samples and channels."""

    sample: Integer[Tensor, " n"]
    channel: Integer[Tensor, " n"]
    points: Float[Tensor, "n 2"]
    values: Float[Tensor, " n"]


def find_peaks(
    maps: Float[Tensor, "samples channels height width"], *, refinement: str | None, local: bool, threshold: float
) -> Peaks:
    """Find the highest peak of each map, or all local ones.

    Args:
        maps: (samples, channels, height, width).
        refinement: of `foveal.peaks`.
        local: every local peak over the threshold; else one row per map, with NaN for point and value where the map
            stays under it.
        threshold: the least value of a peak.
    """
    if local:
        points, values, sample, channel = find_local_peaks(maps, threshold, refinement)
        order = torch.argsort(sample.long() * maps.shape[1] + channel, stable=True)
        return Peaks(*(column[order].cpu() for column in (sample, channel, points, values)))
    points, values = find_global_peaks(maps, threshold, refinement)
    values = torch.where(points.isnan().any(dim=-1), torch.nan, values)
    sample, channel = torch.meshgrid(*(torch.arange(size) for size in maps.shape[:2]), indexing="ij")
    return Peaks(sample.flatten(), channel.flatten(), points.flatten(0, 1).cpu(), values.flatten().cpu())


class PeakTable:
    """Rows of file, sample, channel, x, y, value; x, y and value are empty where a map has no peak."""

    def __init__(self) -> None:
        self._files: list[tuple[str, int]] = []
        self._columns: dict[str, list[Any]] = {name: [] for name in ("sample", "channel", "x", "y", "value")}

    def add(self, file: str, peaks: Peaks) -> None:
        """Append the peaks of one file (or of one array in it)."""
        self._files.append((file, len(peaks.values)))
        added = (peaks.sample, peaks.channel, peaks.points[:, 0], peaks.points[:, 1], peaks.values)
        for column, values, dtype in zip(self._columns.values(), added, ("i4", "i4", "f4", "f4", "f4"), strict=True):
            column.append(values.numpy().astype(dtype))

    def __len__(self) -> int:
        return sum(count for _, count in self._files)

    def columns(self) -> dict[str, Any]:
        """Return the columns by name, in the order in which they are written."""
        names = [file for file, count in self._files for _ in range(count)]
        return {"file": names} | {name: np.concatenate(parts) for name, parts in self._columns.items()}

    def write(self, path: Path) -> None:
        """Write the table in the format of the suffix, the whole of it or nothing.

        Raises:
            ValueError: the suffix is neither `.csv` nor `.parquet`.
            OSError: the file cannot be written.
        """
        write = table_writer(path)
        columns = self.columns()
        with written_whole(path) as stream:
            write(columns, stream)


def table_writer(path: Path) -> Callable[[dict[str, Any], BinaryIO], None]:
    """Return the writer for a file's suffix; ValueError for one that there is no writer for."""
    if path.suffix.lower() not in _WRITERS:
        raise ValueError(f"the output must end in {' or '.join(_WRITERS)}, got {path}")
    return _WRITERS[path.suffix.lower()]


def _write_csv(columns: dict[str, Any], stream: BinaryIO) -> None:
    # The string of a float32 is the shortest that reads back as the same float32.
    texts = [np.where(c == c, c.astype(str), "") if isinstance(c, np.ndarray) else c for c in columns.values()]
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*texts, strict=True))
    text.flush()
    text.detach()


def _write_parquet(columns: dict[str, Any], stream: BinaryIO) -> None:
    import pyarrow
    import pyarrow.parquet

    # A name that is no UTF-8 cannot stand in Parquet; its odd bytes are shown as escapes.
    names = [name.encode("utf-8", "backslashreplace").decode("utf-8") for name in columns["file"]]
    arrays = {name: pyarrow.array(c, from_pandas=True) for name, c in columns.items() if name != "file"}
    pyarrow.parquet.write_table(pyarrow.table({"file": pyarrow.array(names, pyarrow.string())} | arrays), stream)


_WRITERS: dict[str, Callable[[dict[str, Any], BinaryIO], None]] = {".csv": _write_csv, ".parquet": _write_parquet}
