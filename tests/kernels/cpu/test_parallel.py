# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from foveal.geometry.subpix import spatial_soft_argmax2d
from foveal.kernels.cpu import _parallel
from foveal.kernels.cpu._parallel import LONG, PIECES, SMALL, current_core, leave, parallel_for


@pytest.fixture(autouse=True)
def restored_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def maps(seed: int) -> Tensor:
    """Draw maps that are too large to run inline."""
    batch = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    assert batch.numel() > SMALL
    return batch


def expected(seed: int) -> Tensor:
    return spatial_soft_argmax2d.reference(maps(seed))


@given(count=st.integers(0, 40), threads=st.integers(1, 5))
def test_pieces_cover_the_range_once(count: int, threads: int) -> None:
    torch.set_num_threads(threads)
    touched = np.zeros(count, dtype=int)

    def touch(start: int, stop: int) -> None:
        assert start < stop
        touched[start:stop] += 1

    parallel_for(touch, count, work=SMALL)
    assert (touched == 1).all()


@pytest.mark.parametrize(("work", "each"), [(SMALL, 1), (LONG, PIECES)])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_as_many_threads_as_torch_has_take_pieces_at_the_same_time(threads: int, work: int, each: int) -> None:
    torch.set_num_threads(threads)
    together = threading.Barrier(threads, timeout=60)
    names = []

    def meet(start: int, stop: int) -> None:
        names.append(threading.get_ident())
        together.wait()

    for _ in range(3):
        names.clear()
        parallel_for(meet, 30, work=work)
        assert len(names) == (each * threads if threads > 1 else 1)
        assert len(set(names)) == threads
        assert threading.get_ident() in names


def test_the_caller_does_the_pieces_of_threads_that_do_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thread of the pool is busy with a job that ends only when the other job is done."""
    monkeypatch.setattr(_parallel, "_pool", _parallel._Pool())
    torch.set_num_threads(2)
    started, release = threading.Barrier(3, timeout=60), threading.Event()

    def wait(start: int, stop: int) -> None:
        started.wait()
        release.wait(60)

    outer = threading.Thread(target=lambda: parallel_for(wait, 2, work=SMALL))
    outer.start()
    started.wait()
    names = []
    parallel_for(lambda *piece: names.append(threading.get_ident()), 4, work=LONG)
    release.set()
    outer.join(60)
    assert names == [threading.get_ident()] * 4


def test_a_piece_that_began_before_the_caller_came_is_waited_for() -> None:
    job = _parallel._Job(lambda start, stop: (begun.set(), release.wait(60), ended.append(stop)), (), [0, 1, 2])
    begun, release, ended = threading.Event(), threading.Event(), list[int]()
    helper = threading.Thread(target=job.help)
    helper.start()
    assert begun.wait(60)
    threading.Timer(0.05, release.set).start()
    job.finish()
    assert sorted(ended) == [1, 2]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system cannot bind threads to cores")
def test_a_thread_leaves_a_core_and_is_not_bound() -> None:
    allowed, found = os.sched_getaffinity(os.getpid()), []

    def move() -> None:
        for core in allowed:
            leave(core)
            found.append((os.sched_getaffinity(0), current_core() >= 0))

    thread = threading.Thread(target=move)
    thread.start()
    thread.join()
    assert found == [(allowed, True)] * len(allowed)


def test_small_work_is_one_piece_on_the_calling_thread() -> None:
    torch.set_num_threads(4)
    pieces = []
    parallel_for(lambda *piece: pieces.append((threading.get_ident(), *piece)), 7, work=SMALL - 1)
    assert pieces == [(threading.get_ident(), 0, 7)]


def test_no_work_calls_nothing() -> None:
    parallel_for(lambda start, stop: pytest.fail("called"), 0, work=SMALL)


@pytest.mark.parametrize("failing", [0, 1, 2])
@pytest.mark.parametrize("exception", [ValueError, KeyboardInterrupt])
def test_an_exception_in_a_piece_reaches_the_caller(failing: int, exception: type[BaseException]) -> None:
    torch.set_num_threads(3)
    finished = []

    def fail(start: int, stop: int) -> None:
        if start == failing:
            raise exception(f"piece {start}")
        finished.append(start)

    for _ in range(5):
        finished.clear()
        with pytest.raises(exception, match=f"piece {failing}"):
            parallel_for(fail, 3, work=SMALL)
        # The others have ended by then: nobody writes to the result of a call that failed.
        assert sorted(finished) == sorted({0, 1, 2} - {failing})
    torch.testing.assert_close(spatial_soft_argmax2d(maps(0)), expected(0))


def test_calls_from_several_threads() -> None:
    torch.set_num_threads(2)

    def work(seed: int) -> bool:
        return all(torch.allclose(spatial_soft_argmax2d(maps(seed)), expected(seed), atol=1e-5) for _ in range(10))

    with ThreadPoolExecutor(6) as executor:
        assert all(executor.map(work, range(24)))


def test_gradients_from_several_threads() -> None:
    torch.set_num_threads(2)

    def work(seed: int) -> Tensor:
        leaf = maps(seed).requires_grad_()
        return torch.autograd.grad(spatial_soft_argmax2d(leaf).square().sum(), leaf)[0]

    with ThreadPoolExecutor(4) as executor:
        found = list(executor.map(work, range(8)))
    for seed, gradient in enumerate(found):
        torch.testing.assert_close(gradient, work(seed))


def test_the_pool_keeps_nothing_of_a_call() -> None:
    torch.set_num_threads(2)
    array = np.zeros(4)
    alive = weakref.ref(array)
    parallel_for(lambda start, stop, array: None, 4, array, work=SMALL)
    del array
    assert alive() is None


class Located(Dataset[Tensor]):
    """Each item runs a kernel over two threads, in the worker."""

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Tensor:
        assert torch.get_num_threads() == 2
        leaf = maps(index).requires_grad_()
        points = spatial_soft_argmax2d(leaf)
        points.sum().backward()
        assert leaf.grad.isfinite().all()
        return points.detach()


def two_threads(worker: int) -> None:
    torch.set_num_threads(2)


@pytest.mark.parametrize(("context", "workers"), [("fork", 2), ("spawn", 1)])
def test_data_loader_workers(context: str, workers: int) -> None:
    torch.set_num_threads(2)
    spatial_soft_argmax2d(maps(0))  # the pool of this process is at work before the fork
    loader = DataLoader(
        Located(), batch_size=None, num_workers=workers, multiprocessing_context=context, worker_init_fn=two_threads
    )
    for epoch in range(2):
        found = list(loader)
        assert len(found) == 6, epoch
        for seed, points in enumerate(found):
            torch.testing.assert_close(points, expected(seed))
    torch.testing.assert_close(spatial_soft_argmax2d(maps(1)), expected(1))


def test_fork_while_the_pool_is_busy() -> None:
    torch.set_num_threads(2)
    stop = threading.Event()

    def keep_busy() -> None:
        while not stop.is_set():
            spatial_soft_argmax2d(maps(0))

    others = [threading.Thread(target=keep_busy) for _ in range(2)]
    for other in others:
        other.start()
    try:
        context: Any = torch.multiprocessing.get_context("fork")
        for seed in range(3):
            queue = context.SimpleQueue()
            child = context.Process(target=_locate, args=(seed, queue))
            child.start()
            child.join(60)
            assert child.exitcode == 0
            assert np.allclose(queue.get(), expected(seed), atol=1e-5)
    finally:
        stop.set()
        for other in others:
            other.join()


def _locate(seed: int, queue: Any) -> None:
    torch.set_num_threads(2)
    queue.put(spatial_soft_argmax2d(maps(seed)).tolist())


def test_waiting_threads_do_not_hold_up_the_exit() -> None:
    script = "import torch; from tests.kernels.cpu.test_parallel import *; spatial_soft_argmax2d(maps(0)); print('end')"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout == "end\n"
    assert not ended.stderr


def test_the_threads_end_before_the_interpreter() -> None:
    script = (
        "import atexit, threading\n"
        # Called last, as it is registered first.
        "atexit.register(lambda: print(sorted(t.name for t in threading.enumerate() if 'foveal' in t.name)))\n"
        "import torch, foveal\n"
        "torch.set_num_threads(3)\n"
        "foveal.color.rgb_to_grayscale(torch.rand(4, 3, 256, 256))\n"
        "print(sorted(t.name for t in threading.enumerate() if 'foveal' in t.name))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout == "['foveal-0', 'foveal-1']\n[]\n"
