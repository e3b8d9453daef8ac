# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from foveal._files import written_whole


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
