# SPDX-License-Identifier: Apache-2.0
"""The memory of large results: handed out again when nothing refers to it, and never before."""

import os
import threading

import pytest
import torch

from foveal.color import rgb_to_hsv
from foveal.kernels.cpu import _memory
from foveal.kernels.cpu._array import empty

pytestmark = pytest.mark.skipif(not _memory.is_large(1 << 22, torch.float32), reason="a matter of Linux")

SHAPE = (3, 512, 700)


@pytest.fixture(autouse=True)
def no_blocks() -> None:
    _memory._free.clear()


def test_a_block_is_used_again() -> None:
    first = empty(*SHAPE)
    place = first.data_ptr()
    assert place % 64 == 0
    assert _memory.kept() == 0
    del first
    assert _memory.kept() >= 4 * 3 * 512 * 700
    assert empty(*SHAPE).data_ptr() == place


@pytest.mark.parametrize("part", [lambda t: t[1, 2:3], lambda t: t.numpy(), lambda t: t.detach(), lambda t: t.view(-1)])
def test_a_block_stays_while_a_part_is_in_use(part: object) -> None:
    whole = empty(*SHAPE).fill_(1)
    kept = part(whole)
    del whole
    for _ in range(3):
        empty(*SHAPE).fill_(7)
    assert (kept == 1).all()


def test_results_that_live_together_are_apart() -> None:
    results = [empty(*SHAPE).fill_(i) for i in range(5)]
    assert [result.mean().item() for result in results] == [0, 1, 2, 3, 4]
    assert len({result.data_ptr() for result in results}) == 5


def test_other_sizes_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory, "KEPT", 16 << 20)
    for height in (512, 700, 1024, 1400, 1800):
        result = empty(3, height, 700)
        del result
        assert 0 < _memory.kept() <= 16 << 20
    assert empty(3, 4096, 700).shape == (3, 4096, 700)
    assert _memory.kept() <= 16 << 20


def test_gradients_and_results_keep_their_values() -> None:
    image = torch.rand(SHAPE, requires_grad=True)
    result = rgb_to_hsv(image)
    (gradient,) = torch.autograd.grad(result.sum(), image)
    copies = result.clone(), gradient.clone()
    for _ in range(3):
        other = torch.rand(SHAPE, requires_grad=True)
        torch.autograd.grad(rgb_to_hsv(other).sum(), other)
    assert torch.equal(result, copies[0])
    assert torch.equal(gradient, copies[1])


def test_sharing_and_saving(tmp_path: object) -> None:
    result = empty(*SHAPE).fill_(3)
    torch.save(result, tmp_path / "result.pt")
    assert torch.equal(torch.load(tmp_path / "result.pt"), result)
    result.share_memory_()
    assert result.is_shared()
    assert (result == 3).all()


def test_default_device_and_inference() -> None:
    with torch.device("meta"), torch.inference_mode():
        result = empty(*SHAPE)
    assert result.is_cpu
    assert result.is_inference()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a matter of fork")
def test_a_forked_process_has_its_own() -> None:
    alive, gone = empty(*SHAPE).fill_(1), empty(*SHAPE)
    del gone
    child = os.fork()
    if child == 0:
        # By NumPy: PyTorch's threads do not live in a forked process.
        alive.numpy().fill(2)
        empty(*SHAPE).numpy().fill(2)
        os._exit(int((alive.numpy() == 2).all()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert (alive == 1).all()


def test_threads() -> None:
    failures: list[int] = []

    def work(value: int) -> None:
        for _ in range(200):
            result = empty(1, 512, 600).fill_(value)
            if not (result == value).all():
                failures.append(value)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
