# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path

import pytest

from foveal._files import check_folder, folder_written_whole, written_whole


def test_file_takes_its_name_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with written_whole(path) as stream:
        stream.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_failure_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"before")

    def write() -> None:
        with written_whole(path) as stream:
            stream.write(b"half of the new")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_bytes() == b"before"
    assert [*tmp_path.iterdir()] == [path]


def test_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    with written_whole(tmp_path / "whole") as stream:
        stream.write(b"")
    (tmp_path / "plain").touch()
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "far" / "real.csv")
    with written_whole(tmp_path / "link.csv") as stream:
        stream.write(b"text")
    assert (tmp_path / "far" / "real.csv").read_bytes() == b"text"
    assert (tmp_path / "link.csv").is_symlink()


@pytest.mark.parametrize("exists", [False, True])
def test_files_of_a_folder_appear_together(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "new" / "out"
    if exists:
        folder.mkdir(parents=True)
        (folder / "a").write_text("before")
        (folder / "other").touch()
    with folder_written_whole(folder) as draft:
        (draft / "a").write_text("after")
        (draft / "b").touch()
        assert not (folder / "b").exists()
    assert (folder / "a").read_text() == "after"
    assert sorted(path.name for path in folder.iterdir()) == (["a", "b", "other"] if exists else ["a", "b"])
    assert [*(tmp_path / "new").iterdir()] == [folder]


def test_failure_leaves_a_folder_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def write() -> None:
        with folder_written_whole(folder) as draft:
            (draft / "a").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(RuntimeError):
        write()
    # A folder is in the way of the second file: the first one stays out too.
    (folder / "b").mkdir()

    def write_both() -> None:
        with folder_written_whole(folder) as draft:
            (draft / "a").touch()
            (draft / "b").touch()

    with pytest.raises(IsADirectoryError):
        write_both()
    assert [*folder.iterdir()] == [folder / "b"]


def test_a_folder_that_cannot_be_written_is_known_before_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(NotADirectoryError):
            check_folder(place)
    check_folder(tmp_path)
    check_folder(tmp_path / "some" / "new")
    assert [*tmp_path.iterdir()] == [tmp_path / "file"]
    # The tests may run as a user who may write everywhere.
    monkeypatch.setattr(os, "access", lambda place, mode: place != tmp_path)
    with pytest.raises(PermissionError):
        check_folder(tmp_path / "new")
