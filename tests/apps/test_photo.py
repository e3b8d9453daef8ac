# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from foveal.apps.photo import PhotoError, read_photo, read_picture


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


def test_a_picture_stands_upright_unless_it_is_wanted_as_stored(tmp_path: Path) -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:5, :5, 0] = 255
    exif = Image.Exif()
    # To be turned by a quarter, clockwise.
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    upright, stored = read_picture(tmp_path / "turned.png"), read_picture(tmp_path / "turned.png", upright=False)
    assert upright.shape == (3, 30, 20)
    assert upright[0, :5, -5:].min() == 1
    assert upright[0].sum() == 25
    assert torch.equal(stored[0], torch.from_numpy(pixels[..., 0]).float() / 255)
    assert torch.equal(read_photo(tmp_path / "turned.png", smallest=1).colours, upright)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    pixels = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 51]]], np.uint8)
    Image.fromarray(pixels).save(tmp_path / "clear.png")
    row = read_picture(tmp_path / "clear.png")[:, 0].T * 255
    torch.testing.assert_close(row, torch.tensor([[200.0, 0, 0], [255, 255, 255], [204, 204, 204]]), atol=0.6, rtol=0)
    palette = Image.new("P", (2, 1))
    palette.putpalette([9, 9, 9, 255, 0, 0])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "palette.png", transparency=0)
    assert read_picture(tmp_path / "palette.png")[:, 0].T.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_grey_of_16_bits_keeps_them(tmp_path: Path) -> None:
    grey = np.array([[0, 1, 256, 65535]], np.uint16)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    expected = torch.from_numpy(grey.astype(np.float32) / 65535).expand(3, -1, -1)
    assert torch.equal(read_picture(tmp_path / "grey.png"), expected)


def test_a_range_that_is_not_known_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0.0, 0.5]], np.float32)).save(tmp_path / "unit.tif")
    assert read_picture(tmp_path / "unit.tif")[1].tolist() == [[0, 0.5]]
    for name, value in (("wide.tif", 200.0), ("nan.tif", np.nan)):
        Image.fromarray(np.array([[0.0, value]], np.float32)).save(tmp_path / name)
        with pytest.raises(PhotoError, match=rf"{name} cannot be read: .*floats must be in \[0, 1\]"):
            read_picture(tmp_path / name)


def test_damaged_pictures_say_so(tmp_path: Path) -> None:
    Image.effect_noise((64, 64), 50).save(tmp_path / "whole.png")
    content = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(content[: len(content) // 2])
    (tmp_path / "empty.png").touch()
    with pytest.raises(PhotoError, match=r"cut\.png"):
        read_picture(tmp_path / "cut.png")
    with pytest.raises(PhotoError, match=r"empty\.png is not an image"):
        read_picture(tmp_path / "empty.png")
    with pytest.raises(PhotoError, match="Is a directory"):
        read_picture(tmp_path)
