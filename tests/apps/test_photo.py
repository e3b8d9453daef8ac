# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from foveal.apps.photo import PhotoError, read_photo


def test_default_photo() -> None:
    photo = read_photo()
    assert photo.colours.shape == (3, 512, 512)
    assert photo.grey.shape == (512, 512)
    assert 0 <= photo.colours.min() < photo.colours.max() <= 1


def test_own_photo(tmp_path: Path) -> None:
    Image.new("RGB", (200, 150), (255, 0, 51)).save(tmp_path / "red.png")
    photo = read_photo(tmp_path / "red.png")
    assert photo.name == "red.png"
    torch.testing.assert_close(photo.colours[:, 7, 9], torch.tensor([1.0, 0.0, 0.2]))
    torch.testing.assert_close(photo.grey[7, 9], torch.tensor(0.299 + 0.2 * 0.114))


def test_large_photo_is_reduced(tmp_path: Path) -> None:
    Image.new("L", (3000, 1500)).save(tmp_path / "large.png")
    assert read_photo(tmp_path / "large.png").colours.shape == (3, 512, 1024)


def test_what_is_no_photo(tmp_path: Path) -> None:
    Image.new("L", (20, 20)).save(tmp_path / "small.png")
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(PhotoError, match=r"small\.png must have at least 128 x 128 pixels, got 20 x 20"):
        read_photo(tmp_path / "small.png")
    with pytest.raises(PhotoError, match=r"text\.png is not an image"):
        read_photo(tmp_path / "text.png")
    with pytest.raises(PhotoError, match=r"missing\.png: No such file"):
        read_photo(tmp_path / "missing.png")


def test_missing_scikit_image_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    with pytest.raises(PhotoError, match=r"pip install scikit-image, or give a photograph of your own by --photo"):
        read_photo()
