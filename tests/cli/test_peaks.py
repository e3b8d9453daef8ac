# SPDX-License-Identifier: Apache-2.0
import csv
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow.parquet
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from foveal.cli.application import application
from foveal.cli.peaks import Refinement
from foveal.peaks.refinement import REFINEMENTS

CENTRES = np.array([[[12.3, 7.6], [20.0, 14.5]], [[8.25, 16.75], [15.5, 9.5]]])
ROUGH = {"none": 0.5, "integral": 0.5, "local": 0.3}


def gaussian_maps() -> Any:
    """Return (2, 2, 24, 32): one Gaussian of height 0.9 and sigma 2 at each of `CENTRES`."""
    y, x = np.mgrid[:24, :32]
    squares = (x - CENTRES[..., 0, None, None]) ** 2 + (y - CENTRES[..., 1, None, None]) ** 2
    return (0.9 * np.exp(-squares / 8)).astype(np.float32)


def foveal(*arguments: object) -> Any:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [*csv.DictReader(file)]


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    np.save(tmp_path / "maps.npy", gaussian_maps())
    return tmp_path / "maps.npy"


def test_refinements_are_those_of_the_library() -> None:
    assert {None if name == "none" else name for name in get_args(Refinement)} == set(REFINEMENTS)


@pytest.mark.parametrize("refinement", get_args(Refinement))
@pytest.mark.parametrize("local", [False, True])
def test_csv_has_the_true_positions(maps: Path, refinement: str, local: bool) -> None:
    out = maps.with_name("peaks.csv")
    result = foveal("peaks", maps, "-o", out, "--refinement", refinement, *["--local"] * local)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}: 4 rows from 1 file\n"
    rows = rows_of(out)
    assert [*rows[0]] == ["file", "sample", "channel", "x", "y", "value"]
    assert [(row["file"], int(row["sample"]), int(row["channel"])) for row in rows] == [
        (str(maps), sample, channel) for sample in range(2) for channel in range(2)
    ]
    found = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    # Whole pixels and SLEAP's integral have their known bias; the others are exact on a Gaussian, the parabola nearly.
    tolerance = ROUGH.get(refinement, 0.05 if refinement == "quadratic" else 0.01)
    np.testing.assert_allclose(found, CENTRES.reshape(-1, 2), atol=tolerance + 1e-6)
    assert all(0.8 < float(row["value"]) <= 0.9001 for row in rows)


def test_default_refinement_is_unbiased(maps: Path) -> None:
    assert foveal("peaks", maps, "-o", maps.with_name("peaks.csv")).exit_code == 0
    found = [[float(row["x"]), float(row["y"])] for row in rows_of(maps.with_name("peaks.csv"))]
    np.testing.assert_allclose(found, CENTRES.reshape(-1, 2), atol=0.01)


def test_parquet_is_the_csv(maps: Path) -> None:
    foveal("peaks", maps, "-o", maps.with_name("peaks.csv"))
    foveal("peaks", maps, "-o", maps.with_name("peaks.parquet"))
    parquet = pyarrow.parquet.read_table(maps.with_name("peaks.parquet")).to_pylist()
    for left, right in zip(parquet, rows_of(maps.with_name("peaks.csv")), strict=True):
        assert {name: str(np.float32(v)) if isinstance(v, float) else str(v) for name, v in left.items()} == right


def test_maps_under_the_threshold_have_empty_rows(tmp_path: Path) -> None:
    low = gaussian_maps()
    low[0] *= 0.1
    np.save(tmp_path / "maps.npy", low)
    foveal("peaks", tmp_path / "maps.npy", "-o", tmp_path / "all.csv")
    assert [row["x"] != "" for row in rows_of(tmp_path / "all.csv")] == [False, False, True, True]
    foveal("peaks", tmp_path / "maps.npy", "-o", tmp_path / "low.csv", "--threshold", 0.05)
    assert all(row["x"] for row in rows_of(tmp_path / "low.csv"))
    foveal("peaks", tmp_path / "maps.npy", "-o", tmp_path / "local.csv", "--local")
    assert [row["sample"] for row in rows_of(tmp_path / "local.csv")] == ["1", "1"]


def test_every_kind_of_file(tmp_path: Path) -> None:
    values = gaussian_maps()
    np.save(tmp_path / "one.npy", values[0, 0])
    np.savez(tmp_path / "two.npz", first=values[0, :1], second=values[1])
    torch.save(torch.from_numpy(values), tmp_path / "three.pt")
    Image.fromarray((values[1, 1] * 65535).astype(np.uint16)).save(tmp_path / "four.png")
    Image.fromarray((np.stack([values[0, 0], values[0, 1], values[1, 0]], -1) * 255).astype(np.uint8)).save(
        tmp_path / "five.bmp"
    )
    names = ("one.npy", "two.npz", "three.pt", "four.png", "five.bmp")
    result = foveal("peaks", *(tmp_path / name for name in names), "-o", tmp_path / "peaks.csv")
    assert result.exit_code == 0, result.output
    rows = rows_of(tmp_path / "peaks.csv")
    assert [Path(row["file"]).name for row in rows] == (
        ["one.npy", "two.npz:first"] + 2 * ["two.npz:second"] + 4 * ["three.pt"] + ["four.png"] + 3 * ["five.bmp"]
    )
    places = [(0, 0), (0, 0), (1, 0), (1, 1), (0, 0), (0, 1), (1, 0), (1, 1), (1, 1), (0, 0), (0, 1), (1, 0)]
    found = [[float(row["x"]), float(row["y"])] for row in rows]
    # Eight bits round the map by up to 1/510, which moves a peak of this width by some 0.02 px.
    tolerance = np.array([0.01] * 9 + [0.05] * 3)[:, None]
    assert (np.abs(np.array(found) - [CENTRES[place] for place in places]) < tolerance).all()


def test_overlays_are_written_beside_the_table(maps: Path) -> None:
    foveal("peaks", maps, "-o", maps.with_name("peaks.csv"))
    overlays = sorted(maps.with_name("peaks_overlays").iterdir())
    assert [path.name for path in overlays] == ["maps-0.png", "maps-1.png"]
    with Image.open(overlays[0]) as picture:
        assert picture.size == (640, 480)


def test_overlays_can_be_left_out(maps: Path) -> None:
    foveal("peaks", maps, "-o", maps.with_name("peaks.csv"), "--no-overlays")
    assert not maps.with_name("peaks_overlays").exists()


def test_inputs_of_one_name_have_overlays_of_their_own(tmp_path: Path) -> None:
    paths = []
    for index, folder in enumerate(("left", "right")):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "maps.npy")
        np.save(paths[-1], gaussian_maps()[index])
    foveal("peaks", *paths, "-o", tmp_path / "peaks.csv")
    overlays = sorted((tmp_path / "peaks_overlays").iterdir())
    assert [path.name for path in overlays] == ["maps-0.png", "maps~2-0.png"]
    assert overlays[0].read_bytes() != overlays[1].read_bytes()
    assert [row["file"] for row in rows_of(tmp_path / "peaks.csv")] == [str(p) for p in paths for _ in range(2)]


def test_bad_files_are_reported_and_the_others_go_on(maps: Path) -> None:
    text, nan, missing = (maps.with_name(name) for name in ("text.npy", "nan.npy", "missing.pt"))
    text.write_text("no array")
    np.save(nan, np.full((4, 4), np.nan))
    result = foveal("peaks", text, maps, nan, missing, "-o", maps.with_name("peaks.csv"))
    assert result.exit_code == 1
    assert re.search(r"text\.npy: is not a \.npy file\n", result.stderr)
    assert re.search(r"nan\.npy: the array holds NaN, infinity or .* in 16 places\n", result.stderr)
    assert re.search(r"missing\.pt: No such file or directory\n", result.stderr)
    assert "3 files of 4 could not be read" in result.stderr
    assert len(rows_of(maps.with_name("peaks.csv"))) == 4


def test_nothing_is_written_where_no_file_can_be_read(tmp_path: Path) -> None:
    result = foveal("peaks", tmp_path / "missing.npy", "-o", tmp_path / "peaks.csv")
    assert result.exit_code == 1
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "peaks.txt"], r"the output must end in \.csv or \.parquet, got peaks\.txt"),
        (["-o", "."], r"the output must end in"),
        (["-o", "folder.csv"], r"the output folder\.csv is a folder"),
        (["-o", "peaks.csv", "--device", "nowhere"], r"cannot use the device 'nowhere'"),
        (["-o", "peaks.csv", "--refinement", "best"], r"'best' is not one of 'none', 'integral'"),
        ([], r"Missing option"),
    ],
)
def test_wrong_options_are_refused_before_work_starts(
    maps: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(maps.parent)
    Path("folder.csv").mkdir()
    before = sorted(maps.parent.iterdir())
    result = foveal("peaks", maps, *arguments)
    assert result.exit_code == 2
    assert re.search(message, result.stderr)
    assert sorted(maps.parent.iterdir()) == before


def test_failure_while_writing_leaves_the_old_table(maps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = maps.with_name("peaks.csv")
    out.write_text("before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = foveal("peaks", maps, "-o", out, "--no-overlays")
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert out.read_text() == "before"
    assert sorted(path.name for path in maps.parent.iterdir()) == ["maps.npy", "peaks.csv"]


def test_interruption_leaves_the_old_table(maps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = maps.with_name("peaks.csv")
    out.write_text("before")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("foveal.apps.table.find_global_peaks", interrupt)
    assert foveal("peaks", maps, "-o", out).exit_code != 0
    assert out.read_text() == "before"


def test_names_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31mred[bold].npy"
    path.write_text("no array")
    result = foveal("peaks", path, "-o", tmp_path / "peaks.csv")
    assert "\x1b" not in result.stderr
    assert "[31mred[bold].npy: is not a .npy file" in result.stderr


def test_as_a_process(maps: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from foveal.cli import main; main()",
        "peaks",
        "maps.npy",
        "bad.npy",
        "-o",
        "p.csv",
    ]
    ended = subprocess.run(command, cwd=maps.parent, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == "p.csv: 4 rows from 1 file\n"
    assert ended.stderr == "bad.npy: No such file or directory\n1 file of 2 could not be read\n"
    assert [row["file"] for row in rows_of(maps.with_name("p.csv"))] == ["maps.npy"] * 4
