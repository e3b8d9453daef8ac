# SPDX-License-Identifier: Apache-2.0
import csv
import math
from pathlib import Path

import pyarrow.parquet
import pytest
import torch

from foveal.apps.table import Peaks, PeakTable, find_peaks, table_writer

PEAKS = Peaks(
    torch.tensor([0, 1]),
    torch.tensor([2, 0]),
    torch.tensor([[12.4, 0.1], [math.nan, math.nan]]),
    torch.tensor([0.9, math.nan]),
)


def gaussians(centres: list[tuple[float, float]], sigma: float = 2.0) -> torch.Tensor:
    """Return (1, 1, 24, 32): Gaussians of height 1, by maximum."""
    y, x = torch.meshgrid(torch.arange(24.0), torch.arange(32.0), indexing="ij")
    maps = [torch.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma**2)) for cx, cy in centres]
    return torch.stack(maps).amax(dim=0)[None, None]


def table() -> PeakTable:
    made = PeakTable()
    made.add("a,b.npy", PEAKS)
    made.add("c.npy", PEAKS)
    return made


def test_csv(tmp_path: Path) -> None:
    table().write(tmp_path / "peaks.csv")
    with (tmp_path / "peaks.csv").open(newline="") as file:
        rows = [*csv.reader(file)]
    assert rows[0] == ["file", "sample", "channel", "x", "y", "value"]
    assert rows[1] == ["a,b.npy", "0", "2", "12.4", "0.1", "0.9"]
    assert rows[2] == ["a,b.npy", "1", "0", "", "", ""]
    assert [row[0] for row in rows[3:]] == ["c.npy", "c.npy"]
    assert len(table()) == 4


def test_parquet(tmp_path: Path) -> None:
    table().write(tmp_path / "peaks.PARQUET")
    read = pyarrow.parquet.read_table(tmp_path / "peaks.PARQUET")
    assert {f.name: str(f.type) for f in read.schema} == {
        "file": "string",
        "sample": "int32",
        "channel": "int32",
        "x": "float",
        "y": "float",
        "value": "float",
    }
    rows = read.to_pylist()
    assert rows[0] == {
        "file": "a,b.npy",
        "sample": 0,
        "channel": 2,
        "x": pytest.approx(12.4),
        "y": pytest.approx(0.1),
        "value": pytest.approx(0.9),
    }
    assert (rows[1]["x"], rows[1]["y"], rows[1]["value"]) == (None, None, None)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_names_that_are_no_unicode(tmp_path: Path, suffix: str) -> None:
    made = PeakTable()
    made.add(b"caf\xe9.npy".decode(errors="surrogateescape"), PEAKS)
    made.write(tmp_path / f"peaks{suffix}")
    assert b"caf" in (tmp_path / f"peaks{suffix}").read_bytes()


def test_table_without_rows(tmp_path: Path) -> None:
    made = PeakTable()
    made.add("a.npy", Peaks(*(column[:0] for column in PEAKS)))
    made.write(tmp_path / "peaks.csv")
    made.write(tmp_path / "peaks.parquet")
    assert (tmp_path / "peaks.csv").read_text() == "file,sample,channel,x,y,value\n"
    assert pyarrow.parquet.read_table(tmp_path / "peaks.parquet").num_rows == 0


def test_other_suffixes() -> None:
    with pytest.raises(ValueError, match=r"must end in \.csv or \.parquet, got peaks\.txt"):
        table_writer(Path("peaks.txt"))


def test_global_peaks_have_a_row_per_map() -> None:
    maps = torch.cat([gaussians([(12.3, 7.6)]), 0.1 * gaussians([(5.0, 5.0)])], dim=1).expand(3, 2, 24, 32)
    peaks = find_peaks(maps, refinement="log_quadratic", local=False, threshold=0.2)
    assert peaks.sample.tolist() == [0, 0, 1, 1, 2, 2]
    assert peaks.channel.tolist() == [0, 1] * 3
    torch.testing.assert_close(peaks.points[::2], torch.tensor([[12.3, 7.6]]).expand(3, 2), atol=0.01, rtol=0)
    assert peaks.points[1::2].isnan().all()
    assert peaks.values[1::2].isnan().all()


def test_local_peaks_are_in_the_order_of_samples_and_channels() -> None:
    two, one = gaussians([(6.2, 5.9), (22.7, 15.4)]), gaussians([(15.5, 8.0)])
    maps = torch.cat([torch.cat([one, two], dim=1), torch.cat([two, one], dim=1)])
    peaks = find_peaks(maps, refinement="log_quadratic", local=True, threshold=0.2)
    assert [*zip(peaks.sample.tolist(), peaks.channel.tolist(), strict=True)] == [
        (0, 0),
        (0, 1),
        (0, 1),
        (1, 0),
        (1, 0),
        (1, 1),
    ]
    expected = torch.tensor([[15.5, 8.0], [6.2, 5.9], [22.7, 15.4], [6.2, 5.9], [22.7, 15.4], [15.5, 8.0]])
    torch.testing.assert_close(peaks.points, expected, atol=0.01, rtol=0)
