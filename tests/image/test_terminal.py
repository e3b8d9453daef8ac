# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import kornia.image as kornia
import pytest
import torch
from skimage.data import astronaut

from foveal.image import image_to_string, image_to_tensor, print_image
from foveal.io import write_image


def test_text_is_that_of_kornia() -> None:
    photograph = image_to_tensor(astronaut()[::16, ::16].copy())
    for image in (photograph, photograph / 255, photograph[:1], photograph[:1].int()):
        assert image_to_string(image) == kornia.image_to_string(image)
    lines = image_to_string(photograph, max_width=16).splitlines()
    assert len(lines) == 16
    assert all(line.count("\x1b[48;5;") == 16 for line in lines)


def test_files_and_tensors_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = torch.randint(0, 256, (3, 4, 5), dtype=torch.uint8)
    write_image(tmp_path / "image.png", image)
    print_image(image)
    print_image(tmp_path / "image.png")
    assert capsys.readouterr().out == 2 * (image_to_string(image) + "\n")


def test_bad_calls_say_what_was_wrong() -> None:
    with pytest.raises(ValueError, match=r"image must have shape \(3, H, W\) or \(1, H, W\), got \(2, 3\)"):
        image_to_string(torch.zeros(2, 3))
    with pytest.raises(ValueError, match=r"image must have values in \[0, 1\]"):
        image_to_string(torch.full((1, 2, 2), 1.5))
    with pytest.raises(ValueError, match=r"image must have values in \[0, 255\]"):
        image_to_string(torch.full((1, 2, 2), -1))
    with pytest.raises(TypeError, match=r"image must be a path or a torch\.Tensor, got int"):
        print_image(3)  # pyright: ignore[reportArgumentType]
