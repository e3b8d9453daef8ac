# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path
from typing import Any

import cv2
import kornia.io as kornia
import numpy as np
import PIL.Image
import pytest
import torch
from skimage.data import astronaut, camera

from foveal.io import ImageLoadType, load_image, write_image

COLOURS = torch.from_numpy(astronaut()[::8, ::9].copy()).permute(2, 0, 1)
GREY = torch.from_numpy(camera()[::8, ::9].copy())[None]


@pytest.mark.parametrize("kind", ["UNCHANGED", "GRAY8", "RGB8", "RGBA8", "GRAY32", "RGB32"])
@pytest.mark.parametrize(
    "image", [COLOURS, GREY, torch.cat([COLOURS, GREY[..., :57]])], ids=["colours", "grey", "alpha"]
)
def test_files_are_read_as_by_kornia(kind: str, image: torch.Tensor, tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", image)
    mine, theirs = (m.load_image(tmp_path / "a.png", m.ImageLoadType[kind]) for m in (sys.modules["foveal.io"], kornia))
    assert mine.dtype == theirs.dtype
    exact = mine.dtype is torch.uint8
    torch.testing.assert_close(mine.double(), theirs.double(), rtol=0, atol=0 if exact else 1e-6)


def test_lossless_files_come_back(tmp_path: Path) -> None:
    words = torch.arange(20, dtype=torch.int32).view(1, 4, 5).mul(3000).to(torch.uint16)
    floats = torch.linspace(-1, 2, 20).view(1, 4, 5)
    images = [
        ("a.PNG", COLOURS),
        ("b.png", words),
        ("c.tif", COLOURS),
        ("d.tiff", words),
        ("e.tiff", floats),
        ("f.png", GREY),
    ]
    for name, image in images:
        write_image(str(tmp_path / name), image)
        assert torch.equal(load_image(str(tmp_path / name), ImageLoadType.UNCHANGED), image)
    write_image(tmp_path / "g.png", GREY[0])
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "g.png"), cv2.IMREAD_UNCHANGED), GREY[0])
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "a.PNG")), COLOURS.permute(1, 2, 0).flip(2))
    assert not list(tmp_path.glob("*.tmp"))


def test_quality_of_jpegs(tmp_path: Path) -> None:
    sizes, errors = [], []
    for quality in (30, 80, 98):
        write_image(tmp_path / "a.jpg", COLOURS, quality)
        sizes.append((tmp_path / "a.jpg").stat().st_size)
        errors.append(float((load_image(tmp_path / "a.jpg") * 255 - COLOURS).abs().mean()))
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


def test_palettes_and_alpha(tmp_path: Path) -> None:
    indices = np.array([[0, 1], [1, 0]], np.uint8)
    picture = PIL.Image.fromarray(indices, "P")
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.save(tmp_path / "p.png", transparency=b"\x00\xff")
    assert torch.equal(load_image(tmp_path / "p.png", ImageLoadType.UNCHANGED)[0], torch.from_numpy(indices))
    with_alpha = load_image(tmp_path / "p.png", ImageLoadType.RGBA8)
    assert with_alpha[:, 0].T.tolist() == [[255, 0, 0, 0], [0, 0, 255, 255]]
    assert load_image(tmp_path / "p.png", ImageLoadType.RGB8)[:, 0].T.tolist() == [[255, 255, 255], [0, 0, 255]]


def test_other_kinds_of_pixels(tmp_path: Path) -> None:
    grey = PIL.Image.fromarray(np.array([[0, 255, 255]], np.uint8))
    for mode, name in (("1", "a.png"), ("CMYK", "b.jpg")):
        grey.convert(mode).save(tmp_path / name)
        loss = load_image(tmp_path / name, ImageLoadType.GRAY8).int() - torch.tensor([[[0, 255, 255]]])
        assert loss.abs().max() <= (9 if name.endswith("jpg") else 0)  # a JPEG of three pixels
    assert load_image(tmp_path / "a.png", ImageLoadType.UNCHANGED).tolist() == [[[0, 255, 255]]]
    PIL.Image.merge("LA", [grey, PIL.Image.fromarray(np.array([[255, 0, 255]], np.uint8))]).save(tmp_path / "c.png")
    assert load_image(tmp_path / "c.png", ImageLoadType.UNCHANGED).tolist() == [[[0, 255, 255]], [[255, 0, 255]]]
    assert load_image(tmp_path / "c.png", ImageLoadType.GRAY8).tolist() == [[[0, 255, 255]]]
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")  # what a file holds counts, not its name
    assert load_image(tmp_path / "a.jpg").shape == (3, 1, 3)


def test_bad_files_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.png"):
        load_image(tmp_path / "none.png")
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(ValueError, match=r"text\.png is no image that can be read"):
        load_image(tmp_path / "text.png")
    write_image(tmp_path / "whole.png", COLOURS)
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:-900])
    with pytest.raises(ValueError, match=r"cut\.png is no image that can be read"):
        load_image(tmp_path / "cut.png")
    write_image(tmp_path / "words.png", torch.zeros(1, 2, 2, dtype=torch.uint16))
    with pytest.raises(ValueError, match=r"words\.png: pixels of more than 8 bits .* can be read as UNCHANGED only"):
        load_image(tmp_path / "words.png")
    cv2.imwrite(str(tmp_path / "deep.png"), np.zeros((2, 2, 3), np.uint16))
    with pytest.raises(ValueError, match=r"deep\.png: colours of 16 bits cannot be read unchanged"):
        load_image(tmp_path / "deep.png", ImageLoadType.UNCHANGED)


@pytest.mark.parametrize(
    ("name", "image", "options", "error", "message"),
    [
        ("a.bmp", COLOURS, {}, ValueError, r"path_file must end in \.jpg"),
        ("a.png", COLOURS.float(), {}, ValueError, r"image must be torch\.uint8 .* for PNG, got torch\.float32"),
        ("a.jpg", COLOURS[:2], {}, ValueError, "for JPEG, got torch.uint8 with 2"),
        ("a.png", COLOURS[None], {}, ValueError, r"image must have shape \(C, H, W\)"),
        ("a.png", COLOURS[:, :0], {}, ValueError, "and a pixel"),
        ("a.jpg", COLOURS, {"quality": 101}, ValueError, "quality must be at most 100"),
        ("a.jpg", COLOURS, {"quality": 0.5}, TypeError, "quality must be an integer"),
        ("a.jpg", [1], {}, TypeError, r"image must be a torch\.Tensor"),
        ("none/a.png", COLOURS, {}, FileNotFoundError, "none"),
    ],
)
def test_bad_images_say_what_is_wrong(
    name: str, image: Any, options: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        write_image(tmp_path / name, image, **options)
    assert not list(tmp_path.iterdir())


def test_without_pillow_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="image files need Pillow: python -m pip install pillow"):
        write_image(tmp_path / "a.png", COLOURS)
    with pytest.raises(TypeError, match="desired_type must be an ImageLoadType, got int"):
        load_image(tmp_path / "a.png", 3)  # pyright: ignore[reportArgumentType]
