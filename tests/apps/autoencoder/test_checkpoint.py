# SPDX-License-Identifier: Apache-2.0
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from foveal.apps.autoencoder import Checkpoint, TrainingError, load_checkpoint, save_checkpoint
from foveal.apps.autoencoder.checkpoint import remove_leftovers

CHECKPOINT = Checkpoint({"seed": 1, "loss": "l1"}, 7, {"weight": torch.arange(100.0)}, {"state": {}, "groups": [0.5]})


def equal(a: Checkpoint, b: Checkpoint) -> bool:
    same = torch.equal(a.model["weight"], b.model["weight"])
    return same and (a.settings, a.step, a.optimizer) == (b.settings, b.step, b.optimizer)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "state.pt") is None
    save_checkpoint(tmp_path / "state.pt", CHECKPOINT)
    loaded = load_checkpoint(tmp_path / "state.pt")
    assert loaded is not None
    assert equal(loaded, CHECKPOINT)
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]


def _die_while_writing(path: Path, moment: str) -> None:
    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if moment == "half written":
        plain = torch.save

        def half(content: object, stream: Any) -> None:
            plain(content, stream)
            stream.truncate(stream.tell() // 2)
            stream.flush()
            die()

        torch.save = half
    else:
        os.fsync = die
    save_checkpoint(path, CHECKPOINT._replace(step=8))


@pytest.mark.parametrize("moment", ["half written", "before it is on the disk"])
def test_death_while_writing_leaves_the_one_before(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "state.pt"
    save_checkpoint(path, CHECKPOINT)
    process = multiprocessing.get_context("fork").Process(target=_die_while_writing, args=(path, moment))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    loaded = load_checkpoint(path)
    assert loaded is not None
    assert equal(loaded, CHECKPOINT)
    (tmp_path / ".other.tmp").touch()
    assert len(list(tmp_path.iterdir())) == 3
    remove_leftovers(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".other.tmp", "state.pt"]


def test_a_torn_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    save_checkpoint(path, CHECKPOINT)
    content = path.read_bytes()
    place = content.index(torch.arange(100.0).numpy().tobytes()) + 200
    flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    for damaged in (b"", b"no archive", content[:-1], content[: len(content) // 2], flipped):
        path.write_bytes(damaged)
        with pytest.raises(TrainingError, match=r"state\.pt is damaged, or no checkpoint: .*; remove it"):
            load_checkpoint(path)
    for foreign in ({"format": "another"}, [1], {"format": "foveal autoencoder 1", "step": 1}):
        torch.save(foreign, path)
        with pytest.raises(TrainingError, match="is not a checkpoint of this program"):
            load_checkpoint(path)


class Harmful:
    def __reduce__(self) -> Any:
        return os.mkdir, ("harm",)


def test_a_checkpoint_runs_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"format": "foveal autoencoder 1", "step": Harmful()}, tmp_path / "state.pt")
    with pytest.raises(TrainingError, match="is damaged, or no checkpoint"):
        load_checkpoint(tmp_path / "state.pt")
    assert not (tmp_path / "harm").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"cannot write .*: No such file or directory"):
        save_checkpoint(tmp_path / "missing" / "state.pt", CHECKPOINT)
    (tmp_path / "folder.pt").mkdir()
    with pytest.raises(TrainingError, match=r"cannot read .*: Is a directory"):
        load_checkpoint(tmp_path / "folder.pt")
