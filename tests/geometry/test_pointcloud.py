# SPDX-License-Identifier: Apache-2.0
from pathlib import Path
from typing import Any

import kornia.geometry.pointcloud as kornia
import numpy as np
import pytest
import torch

from foveal.geometry.pointcloud import (
    load_pointcloud_ply,
    load_pointcloud_ply_binary,
    save_pointcloud_ply,
    save_pointcloud_ply_binary,
)

POINTS = torch.tensor([[0.1, -2.5, 1e-30], [torch.nan, torch.inf, -torch.inf], [1 / 3, 1e30, 0.0]])
FORMS = [
    (save_pointcloud_ply, load_pointcloud_ply, kornia.save_pointcloud_ply, kornia.load_pointcloud_ply),
    (
        save_pointcloud_ply_binary,
        load_pointcloud_ply_binary,
        kornia.save_pointcloud_ply_binary,
        kornia.load_pointcloud_ply_binary,
    ),
]


@pytest.mark.parametrize("form", FORMS, ids=["text", "binary"])
@pytest.mark.parametrize("points", [POINTS, POINTS.view(1, 3, 1, 3), POINTS[:0], POINTS.double(), POINTS.half()])
def test_files_are_those_of_kornia(form: Any, points: torch.Tensor, tmp_path: Path) -> None:
    save, load, save_peer, load_peer = form
    save(tmp_path / "a.ply", points)
    save_peer(tmp_path / "b.PLY", points)
    wanted = points.reshape(-1, 3).float()
    for reader, name in ((load, "a.ply"), (load, "b.PLY"), (load_peer, "a.ply")):
        again = reader(str(tmp_path / name))
        assert again.dtype is torch.float32
        torch.testing.assert_close(again, wanted, rtol=0, atol=0, equal_nan=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ply", "b.PLY"]


HEAD = """ply
format {format} 1.0
comment made by hand
element camera 1
property int number
element vertex 2
property uchar red
property float z
property float x
property short y
element face 1
property list uchar int indices
end_header
"""


def test_other_elements_and_properties_are_passed_over(tmp_path: Path) -> None:
    wanted = torch.tensor([[2.0, 3.0, 1.5], [5.0, -6.0, 4.25]])
    (tmp_path / "text.ply").write_text(HEAD.format(format="ascii") + "7\n255 1.5 2 3\n\n0 4.25 5 -6\n3 0 1 1\n")
    torch.testing.assert_close(load_pointcloud_ply(tmp_path / "text.ply"), wanted)
    for format, order in (("binary_little_endian", "<"), ("binary_big_endian", ">")):
        rows = np.array(
            [(255, 1.5, 2, 3), (0, 4.25, 5, -6)],
            [("r", "u1"), ("z", f"{order}f4"), ("x", f"{order}f4"), ("y", f"{order}i2")],
        )
        content = np.array([7], f"{order}i4").tobytes() + rows.tobytes() + b"\x03" + bytes(12)
        (tmp_path / "binary.ply").write_bytes(HEAD.format(format=format).encode() + content)
        torch.testing.assert_close(load_pointcloud_ply_binary(tmp_path / "binary.ply"), wanted)


ONE = "element vertex 1\nproperty float x\nproperty float y\nproperty float z\n"


@pytest.mark.parametrize(
    ("content", "load", "message"),
    [
        ("", load_pointcloud_ply, "is no PLY file"),
        ("ply\nformat ascii 1.0\n", load_pointcloud_ply, "has no end_header"),
        ("ply\n" + ONE + "end_header\n1 2 3\n", load_pointcloud_ply, "says no format"),
        ("ply\nformat ascii 1.0\nsurprise\nend_header\n", load_pointcloud_ply, "header line that cannot be read"),
        ("ply\nformat ascii 1.0\nend_header\n", load_pointcloud_ply, "has no vertices"),
        (
            "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n",
            load_pointcloud_ply,
            "without x, y",
        ),
        ("ply\nformat ascii 1.0\n" + ONE + "end_header\n", load_pointcloud_ply, "must hold 1 vertices, got 0"),
        ("ply\nformat ascii 1.0\n" + ONE + "end_header\n1 2\n", load_pointcloud_ply, "a vertex that cannot be read"),
        ("ply\nformat ascii 1.0\n" + ONE + "end_header\n1 2 a\n", load_pointcloud_ply, "a vertex that cannot be read"),
        (
            "ply\nformat ascii 1.0\n" + ONE + "property list int int l\nend_header\n",
            load_pointcloud_ply,
            "has lists among",
        ),
        ("ply\nformat ascii 1.0\n" + ONE + "end_header\n1 2 3\n", load_pointcloud_ply_binary, "is text"),
        ("ply\nformat binary_little_endian 1.0\n" + ONE + "end_header\n", load_pointcloud_ply, "is binary"),
        ("ply\nformat binary_big_endian 1.0\n" + ONE + "end_header\nabc", load_pointcloud_ply_binary, "got 0"),
        (
            "ply\nformat binary_big_endian 1.0\nelement face 1\nproperty list int int l\n" + ONE + "end_header\n",
            load_pointcloud_ply_binary,
            "has lists before its vertices",
        ),
    ],
)
def test_bad_files_say_what_is_wrong(content: str, load: Any, message: str, tmp_path: Path) -> None:
    (tmp_path / "bad.ply").write_text(content)
    with pytest.raises(ValueError, match=rf"bad\.ply .*{message}|bad\.ply {message}"):
        load(tmp_path / "bad.ply")


@pytest.mark.parametrize("form", FORMS, ids=["text", "binary"])
def test_bad_calls_say_what_was_wrong(form: Any, tmp_path: Path) -> None:
    save, load = form[:2]
    for call in (lambda: save(tmp_path / "a.txt", POINTS), lambda: load("a.txt")):
        with pytest.raises(TypeError, match=r"filename must end in \.ply, got .*a\.txt"):
            call()
    with pytest.raises(TypeError, match="filename must be a path, got int"):
        load(3)
    with pytest.raises(ValueError, match=r"pointcloud must have shape \(\*, N, 3\), got \(3,\)"):
        save(tmp_path / "a.ply", POINTS[0])
    with pytest.raises(TypeError, match="pointcloud must have a floating-point dtype"):
        save(tmp_path / "a.ply", POINTS.int())
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.ply")
    assert not list(tmp_path.iterdir())
