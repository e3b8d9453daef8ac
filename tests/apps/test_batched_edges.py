# SPDX-License-Identifier: Apache-2.0
import importlib.util

import numpy as np
import pytest
import torch

from foveal.apps.batched_edges import CONTENDERS, find_contenders, make_images, race_edges
from foveal.apps.photo import read_photo
from foveal.filters import sobel

PHOTO = read_photo().colours


def test_images_are_of_the_photograph_and_differ() -> None:
    images = make_images(PHOTO, 9)
    assert images.shape == (9, 3, 256, 256)
    assert torch.equal(images[2], PHOTO[:, 74:330, 106:362])
    assert len({image.numpy().tobytes() for image in images}) == 9
    assert make_images(PHOTO[:, :256, :256], 2).shape == (2, 3, 256, 256)
    small = make_images(PHOTO[:, :200, :100], 1)
    assert torch.equal(small[0, :, 200:], small[0, :, :56])
    assert torch.equal(small[0, :, :, 200:], small[0, :, :, :56])


@pytest.mark.parametrize("name", CONTENDERS)
def test_all_compute_the_same_edges(name: str) -> None:
    images = make_images(PHOTO, 2)
    contender = CONTENDERS[name]
    result = np.asarray(contender.prepare(images)()) * contender.factor
    if result.shape[-1] == 3:
        result = np.moveaxis(result, -1, 1)
    # Borders differ, and bytes are rounded twice. Under the root of foveal and Kornia there is an epsilon of 1e-6.
    inner = np.s_[:, :, 1:-1, 1:-1]
    error = np.abs(result - sobel(images).numpy())[inner]
    assert error.max() <= (1.1e-3 if contender.exact else 1.5 / 255)


def test_the_race_leaves_out_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("cv2", "kornia") else found(name))
    assert list(find_contenders()) == ["foveal", "pillow", "scikit-image", "scipy"]
    said = list[str]()
    times = race_edges(PHOTO, batches=(1, 2), seconds=0.0, announce=said.append)
    assert list(times) == ["foveal", "pillow", "scikit-image", "scipy"]
    assert all(len(row) == 2 and min(row) > 0 for row in times.values())
    assert said == ["Find edges of 1 images", "Find edges of 2 images"]
