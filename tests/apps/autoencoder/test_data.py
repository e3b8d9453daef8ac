# SPDX-License-Identifier: Apache-2.0
from collections import Counter
from pathlib import Path

import pytest
import torch
from PIL import Image

from foveal.apps.autoencoder import Options, Photo, TrainingError, draw_patches, read_photos

OPTIONS = Options(batch=6, size=8)


def numbered(name: str, height: int, width: int, blue: int = 0) -> Photo:
    """Make a picture whose pixels tell their place: red is the column, green the row."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return Photo(name, torch.stack([columns, rows, torch.full_like(rows, blue)]).to(torch.uint8))


def test_patches_are_cut_anywhere_and_mirrored_both_ways() -> None:
    photo = numbered("a", 10, 11)
    seen = Counter[tuple[int, int, bool, bool]]()
    for step in range(80):
        for patch in (draw_patches([photo], OPTIONS, step) * 255).round().long():
            columns, rows = patch[0, 0], patch[1, :, 0]
            across, down = bool(columns[0] > columns[-1]), bool(rows[0] > rows[-1])
            left, top = int(columns.min()), int(rows.min())
            cut = photo.pixels[:, top : top + 8, left : left + 8].long()
            assert torch.equal(patch, cut.flip([axis for axis, on in ((-1, across), (-2, down)) if on]))
            seen[left, top, across, down] += 1
    assert {key[:2] for key in seen} == {(x, y) for x in range(4) for y in range(3)}
    for flip in (2, 3):
        assert 0.4 < sum(n for key, n in seen.items() if key[flip]) / seen.total() < 0.6


def test_an_epoch_draws_photographs_by_their_area() -> None:
    photos = [numbered("a", 8, 8, 1), numbered("b", 8, 24, 2), numbered("c", 16, 8, 3)]
    for epoch in range(3):
        drawn = draw_patches(photos, OPTIONS, epoch)
        assert Counter((drawn[:, 2, 0, 0] * 255).round().int().tolist()) == {1: 1, 2: 3, 3: 2}


def test_processes_share_what_one_draws() -> None:
    photos = [numbered("a", 20, 30, 1), numbered("b", 17, 19, 2)]
    whole = draw_patches(photos, OPTIONS, 5)
    assert torch.equal(whole, draw_patches(photos, OPTIONS, 5))
    assert not torch.equal(whole, draw_patches(photos, OPTIONS, 6))
    assert not torch.equal(whole, draw_patches(photos, Options(batch=6, size=8, seed=1), 5))
    for rank in range(3):
        assert torch.equal(whole[rank::3], draw_patches(photos, OPTIONS, 5, rank=rank, count=3))


def test_a_folder_with_what_cannot_be_read(tmp_path: Path) -> None:
    for number in range(3):
        Image.new("RGB", (20, 30), (number, 0, 0)).save(tmp_path / f"{number}.png")
    Image.new("L", (7, 30)).save(tmp_path / "narrow.png")
    Image.effect_noise((20, 30), 50).save(tmp_path / "torn.png")
    (tmp_path / "torn.png").write_bytes((tmp_path / "torn.png").read_bytes()[:300])
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").write_text("no image")
    (tmp_path / "folder").mkdir()
    said = list[str]()
    photos = read_photos(tmp_path, 8, said.append)
    assert [photo.name for photo in photos.training] == ["0.png", "1.png"]
    assert [photo.name for photo in photos.test] == ["2.png"]
    assert photos.test[0].pixels[:, 0, 0].tolist() == [2, 0, 0]
    assert len(said) == 3
    for message, name in zip(said, ("narrow.png", "notes.txt", "torn.png"), strict=True):
        assert message.startswith("left out: ")
        assert name in message
    assert photos.digest() == read_photos(tmp_path, 8, said.append).digest()
    Image.new("RGB", (20, 30), (0, 0, 1)).save(tmp_path / "1.png")
    assert photos.digest() != read_photos(tmp_path, 8, said.append).digest()


def test_one_photograph_is_trained_on_and_shown(tmp_path: Path) -> None:
    Image.new("RGB", (20, 30)).save(tmp_path / "one.png")
    photos = read_photos(tmp_path, 8, print)
    assert [photo.name for photo in photos.training] == [photo.name for photo in photos.test] == ["one.png"]


def test_a_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="has no image of at least 8 x 8 pixels that can be read"):
        read_photos(tmp_path, 8, print)
    with pytest.raises(TrainingError, match="missing: No such file"):
        read_photos(tmp_path / "missing", 8, print)


def test_default_photographs() -> None:
    photos = read_photos(None, 64, print)
    assert [photo.name for photo in photos.training] == ["astronaut", "coffee", "rocket"]
    assert [photo.name for photo in photos.test] == ["cat"]
    assert {photo.pixels.dtype for part in photos for photo in part} == {torch.uint8}
