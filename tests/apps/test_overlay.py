# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from foveal.apps.overlay import OverlayNames, draw_overlay, write_overlays
from foveal.apps.table import Peaks

MAPS = torch.zeros(2, 3, 20, 40)
PEAKS = Peaks(
    torch.tensor([0, 1, 1]),
    torch.tensor([0, 0, 2]),
    torch.tensor([[10.0, 5.0], [30.25, 15.5], [torch.nan, torch.nan]]),
    torch.ones(3),
)


def coloured(picture: Image.Image) -> np.ndarray:
    """Return (x, y) of the coloured pixels."""
    pixels = np.asarray(picture).astype(int)
    rows, columns = np.nonzero(pixels.max(axis=-1) - pixels.min(axis=-1) > 60)
    return np.stack([columns, rows], axis=-1)


def test_mark_is_centred_on_the_peak() -> None:
    picture = draw_overlay(MAPS[1], Peaks(*(column[1:] for column in PEAKS)))
    scale = picture.width / 40
    assert picture.height == 20 * scale
    middle = coloured(picture).mean(axis=0)
    np.testing.assert_allclose(middle, [30.75 * scale - 0.5, 16 * scale - 0.5], atol=0.6)


def test_small_maps_are_enlarged_and_large_ones_kept() -> None:
    none = Peaks(*(column[:0] for column in PEAKS))
    assert draw_overlay(MAPS[0], none).width == 640
    assert draw_overlay(torch.rand(1, 700, 900), none).size == (900, 700)
    assert draw_overlay(torch.zeros(1, 1, 1), none).size == (640, 640)


def test_grey_levels_are_those_of_the_maps() -> None:
    maps = torch.tensor([[[0.0, 0.5], [1.0, 0.25]]])
    picture = np.asarray(draw_overlay(maps, Peaks(*(column[:0] for column in PEAKS))))
    assert picture[160, 160].tolist() == [0, 0, 0]
    assert picture[160, 480].tolist() == [128, 128, 128]
    assert picture[480, 160].tolist() == [255, 255, 255]


def test_each_sample_has_its_own_peaks(tmp_path: Path) -> None:
    paths = [tmp_path / "out" / f"{sample}.png" for sample in range(2)]
    write_overlays(MAPS, PEAKS, paths)
    for path, expected in zip(paths, ([168, 88], [492, 256]), strict=True):
        np.testing.assert_allclose(coloured(Image.open(path)).mean(axis=0), expected, atol=1)


def test_names_differ_whatever_the_case(tmp_path: Path) -> None:
    names = OverlayNames(tmp_path, [])
    made = [names.paths(stem, 1)[0].name for stem in ("heat", "heat", "Heat", "he~t", "he~t")]
    assert made == ["heat-0.png", "heat~2-0.png", "Heat~3-0.png", "he_t-0.png", "he_t~2-0.png"]


def test_names_stay_in_their_folder(tmp_path: Path) -> None:
    names = OverlayNames(tmp_path, [])
    for stem in ("../../etc/passwd", "/root", "..", "", "a/b\\c:d", "x" * 1000, "\x1b[31m"):
        (path,) = names.paths(stem, 1)
        assert path.parent == tmp_path
        assert not path.name.startswith(".")
        assert len(path.name) < 200
        assert path.name.isprintable()


def test_names_spare_the_inputs(tmp_path: Path) -> None:
    (tmp_path / "heat-0.png").touch()
    names = OverlayNames(tmp_path, [tmp_path / "heat-0.png"])
    assert names.paths("heat", 1)[0].name == "heat~2-0.png"


def test_samples_are_numbered_in_the_order_of_names(tmp_path: Path) -> None:
    made = [path.name for path in OverlayNames(tmp_path, []).paths("heat", 11)]
    assert made == sorted(made)
    assert made[0] == "heat-00.png"
