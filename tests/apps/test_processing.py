# SPDX-License-Identifier: Apache-2.0
import importlib.util

import pytest
import torch
from skimage.data import astronaut
from torch import Tensor

from foveal.apps.processing import OPERATIONS, find_peers, run_operation


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return torch.from_numpy(astronaut()[100:196, 180:308].copy()).movedim(-1, 0).float() / 255


def test_peers_are_those_that_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(find_peers()) == {"opencv", "kornia"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert find_peers() == {}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operation_is_raced_and_shown(operation, photo: Tensor) -> None:
    run = run_operation(operation, photo, find_peers(), seconds=0.0)
    assert set(run.seconds) == {"foveal", "plain", "opencv", "kornia"}
    assert set(run.backward_seconds) == ({"foveal", "kornia"} if operation.differentiable else set())
    assert all(seconds > 0 for seconds in (*run.seconds.values(), *run.backward_seconds.values()))
    assert run.picture.shape[1:] == photo.shape[1:]
    assert run.picture.min() >= 0
    assert run.picture.max() <= 1
    assert run.picture.std() > 0.01


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_peers_compute_the_same(operation, photo: Tensor) -> None:
    """Kornia is given the same arguments: the race is one of equals."""
    kornia = find_peers()["kornia"]
    ours, theirs = operation.call(photo[None]), operation.kornia(kornia, photo[None])
    assert (ours - theirs).abs().mean() < 1e-4 * theirs.abs().max()
