# SPDX-License-Identifier: Apache-2.0
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from foveal.apps.maps import UnreadableError, read_maps

VALUES = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def write(path: Path, array: Any) -> Path:
    np.save(path, array)
    return path


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (VALUES[0], (1, 1, 3, 4)),
        (VALUES, (1, 2, 3, 4)),
        (VALUES[:, None], (2, 1, 3, 4)),
        (VALUES[0, :1, :1], (1, 1, 1, 1)),
    ],
)
def test_npy_layouts(tmp_path: Path, array: Any, shape: tuple[int, ...]) -> None:
    (maps,) = read_maps(write(tmp_path / "maps.npy", array))
    assert maps.name == ""
    assert maps.values.dtype is torch.float32
    assert maps.values.shape == shape
    assert maps.values.flatten().tolist() == array.flatten().tolist()


@pytest.mark.parametrize("dtype", [">f4", "<f8", "f2", "i4", ">i8", "bool", np.longdouble])
def test_numbers_of_any_type_keep_their_values(tmp_path: Path, dtype: Any) -> None:
    array = np.array([[0, 1], [1, 0]], dtype)
    assert read_maps(write(tmp_path / "maps.npy", array))[0].values[0, 0].tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(("dtype", "largest"), [("uint8", 255), ("uint16", 65535), (">u2", 65535)])
def test_unsigned_levels_become_zero_to_one(tmp_path: Path, dtype: str, largest: int) -> None:
    array = np.array([[0, largest]], dtype)
    assert read_maps(write(tmp_path / "maps.npy", array))[0].values.tolist() == [[[[0, 1]]]]


def test_npz_gives_every_array_by_name(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "maps.npz", left=VALUES, right=VALUES[0])
    maps = read_maps(tmp_path / "maps.npz")
    assert [m.name for m in maps] == ["left", "right"]
    assert [tuple(m.values.shape) for m in maps] == [(1, 2, 3, 4), (1, 1, 3, 4)]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (torch.rand(2, 3, 4), [""]),
        (torch.rand(2, 3, 4, requires_grad=True), [""]),
        (torch.rand(3, 4).bfloat16(), [""]),
        ([torch.rand(3, 4), torch.rand(5, 6)], ["0", "1"]),
        ({"head": torch.rand(3, 4), "tail": torch.rand(3, 4)}, ["head", "tail"]),
    ],
)
def test_pt_gives_tensors(tmp_path: Path, content: Any, names: list[str]) -> None:
    torch.save(content, tmp_path / "maps.pt")
    assert [m.name for m in read_maps(tmp_path / "maps.pt")] == names


@pytest.mark.parametrize(
    ("mode", "pixels", "expected"),
    [
        ("L", np.array([[0, 255]], np.uint8), [[[0, 1]]]),
        ("1", np.array([[False, True]]), [[[0, 1]]]),
        ("RGB", np.array([[[255, 0, 51]]], np.uint8), [[[1]], [[0]], [[0.2]]]),
        ("I;16", np.array([[0, 65535]], np.uint16), [[[0, 1]]]),
    ],
)
def test_channels_of_an_image_are_maps(tmp_path: Path, mode: str, pixels: Any, expected: Any) -> None:
    image = Image.fromarray(pixels)
    assert image.mode == mode
    image.save(tmp_path / "image.png")
    torch.testing.assert_close(read_maps(tmp_path / "image.png")[0].values, torch.tensor([expected]).float())


def test_float_image_keeps_its_values(tmp_path: Path) -> None:
    Image.fromarray(VALUES[0]).save(tmp_path / "image.tiff")
    assert read_maps(tmp_path / "image.tiff")[0].values.flatten().tolist() == VALUES[0].flatten().tolist()


def test_palette_stands_for_its_colours(tmp_path: Path) -> None:
    image = Image.new("P", (1, 1))
    image.putpalette([255, 0, 51])
    image.save(tmp_path / "image.png")
    torch.testing.assert_close(read_maps(tmp_path / "image.png")[0].values.flatten(), torch.tensor([1, 0, 0.2]))


def test_frames_are_samples(tmp_path: Path) -> None:
    frames = [Image.new("L", (4, 3), level) for level in (0, 51, 255)]
    frames[0].save(tmp_path / "frames.tiff", save_all=True, append_images=frames[1:])
    values = read_maps(tmp_path / "frames.tiff")[0].values
    assert values.shape == (3, 1, 3, 4)
    torch.testing.assert_close(values[:, 0, 0, 0], torch.tensor([0, 0.2, 1]))


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    trap = Evil(tmp_path / "sprung")
    np.save(tmp_path / "object.npy", np.array([trap], object))
    np.savez(tmp_path / "object.npz", maps=np.array([trap], object))
    torch.save({"maps": trap}, tmp_path / "object.pt")
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps(trap))
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(trap))
    (tmp_path / "pickle.pt").write_bytes(pickle.dumps(trap))
    for path in [*tmp_path.iterdir()]:
        with pytest.raises(UnreadableError):
            read_maps(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.full((2, 2), np.nan), "holds NaN, infinity or numbers beyond float32 in 4 places"),
        (np.array([[0, np.inf]]), "in 1 places"),
        (np.array([[1e300]]), "beyond float32 in 1 places"),
        (np.zeros(3), r"must have shape .*, got \(3,\)"),
        (np.zeros((1, 1, 1, 2, 2)), r"must have shape"),
        (np.zeros((2, 0, 3)), r"is empty: its shape is \(2, 0, 3\)"),
        (np.zeros((2, 2), complex), "real numbers, got dtype complex128"),
        (np.array([["text"]]), "real numbers, got dtype <U4"),
    ],
)
def test_arrays_that_are_no_maps(tmp_path: Path, array: Any, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read_maps(write(tmp_path / "maps.npy", array))


def broken_files(folder: Path) -> dict[str, bytes]:
    np.save(whole := io.BytesIO(), VALUES)
    np.savez(archive := io.BytesIO(), VALUES)
    torch.save(torch.rand(9, 9), tensor := io.BytesIO())
    Image.new("L", (64, 64)).save(image := io.BytesIO(), "PNG")
    with zipfile.ZipFile(foreign := io.BytesIO(), "w") as file:
        file.writestr("readme.txt", "no array")
    return {
        "cut.npy": whole.getvalue()[:-5],
        "cut.npz": archive.getvalue()[:100],
        "cut.pt": tensor.getvalue()[:100],
        "cut.png": image.getvalue()[:60],
        "empty.npy": b"",
        "empty.npz": b"",
        "empty.pt": b"",
        "empty.png": b"",
        "foreign.npz": foreign.getvalue(),
        "text.txt": b"no maps",
    }


def test_broken_files_say_why(tmp_path: Path) -> None:
    for name, content in broken_files(tmp_path).items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableError, match=r"\w+ \w+"):
            read_maps(tmp_path / name)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_maps(tmp_path / "missing.npy")
    with pytest.raises(UnreadableError, match="is a folder"):
        read_maps(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (3, "must hold a tensor, or a dict or list of tensors, got int"),
        ({"maps": 3}, "must hold tensors only, got int under 'maps'"),
        ([], "holds no arrays"),
        (torch.eye(3).to_sparse(), "plain real numbers"),
    ],
)
def test_pt_that_holds_no_maps(tmp_path: Path, content: Any, reason: str) -> None:
    torch.save(content, tmp_path / "maps.pt")
    with pytest.raises(UnreadableError, match=reason):
        read_maps(tmp_path / "maps.pt")
