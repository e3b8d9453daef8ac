# SPDX-License-Identifier: Apache-2.0
"""Work split over threads.

A kernel is a `nogil` function over a range of images or rows. `parallel_for` cuts the range into pieces, which the
calling thread and those of a pool take in turn, `torch.get_num_threads()` in all. The pool is made anew after a fork,
so that DataLoader workers can use kernels (Numba's own OpenMP layer aborts a forked process).

A thread that wakes is often put on the core of the one that woke it, where the two take turns while other cores idle:
for pieces of less than a millisecond the scheduler never mends that. So a thread of the pool that finds itself on the
caller's core moves off it. One that comes late all the same, as the threads of OpenMP keep its core busy, finds that
the caller has done its pieces. A thread that has just helped waits for the next job a little while before it sleeps,
and the caller for the last pieces: to wake a thread takes as long as a small image.
"""

import atexit
import contextlib
import ctypes
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
import torch

from foveal.kernels.cpu._spin import await_number, linger


def _find_current_core() -> Callable[[], int]:
    if sys.platform == "linux":
        try:
            # Of `PyDLL`, which does not give up the interpreter's lock for a call of nanoseconds.
            return ctypes.PyDLL(None).sched_getcpu
        except (OSError, AttributeError):  # a C library without it
            pass
    return lambda: -1


current_core = _find_current_core()
"""Return the number of the core that the calling thread runs on, or -1 where the system does not tell."""


def leave(core: int) -> None:
    """Move the calling thread off a core, if the process may use another one."""
    # A sandbox may forbid it: the work is then done on the core where it is.
    with contextlib.suppress(OSError):
        allowed = os.sched_getaffinity(os.getpid())
        if others := allowed - {core}:
            os.sched_setaffinity(0, others)
            # Bound to the others for good, it would have to wait where they are busy.
            os.sched_setaffinity(0, allowed)


class _Job:
    """Pieces of one call, each taken by whichever thread is free first."""

    def __init__(self, function: Callable[..., None], arguments: tuple[Any, ...], bounds: list[int]) -> None:
        self.core = current_core()
        self._call: tuple[Callable[..., None], tuple[Any, ...]] | None = (function, arguments)
        self._pieces = deque(pairwise(bounds))
        self._count = len(self._pieces)
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        self.came: list[None] = []
        """An entry for each thread of the pool that has come to help."""
        self.left = np.zeros(1, np.uint32)
        """How many of them are outside the interpreter's lock again."""

    def help(self) -> None:
        """Run pieces until none is left."""
        while True:
            try:
                start, stop = self._pieces.popleft()
            except IndexError:
                return
            self._done.put(self._run(start, stop))

    def finish(self) -> None:
        """Run pieces until none is left, wait for those that others took, and raise what went wrong in any."""
        self.help()
        if self._done.qsize() < self._count:
            await_number(self.left, len(self.came), PATIENCE)
        failures = [self._done.get() for _ in range(self._count)]
        # A thread that comes too late holds the job, but must not hold its tensors.
        self._call = None
        for failure in failures:
            if failure is not None:
                raise failure

    def _run(self, start: int, stop: int) -> BaseException | None:
        assert self._call is not None
        function, arguments = self._call
        try:
            function(start, stop, *arguments)
        except BaseException as error:  # handed to the calling thread, which raises it
            return error
        return None


class _Pool:
    """Daemon threads that help with jobs from one queue."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._bell = np.zeros(1, np.uint32)
        self._threads: list[threading.Thread] = []
        self._growing = threading.Lock()
        self._closed = False
        # Compiled, or loaded, here: `foveal warmup`, whose examples are small, would not get to it.
        await_number(self._bell, 0, 0)
        linger(np.zeros(1, np.uint32), self._bell, self._bell[0], 0, 0)

    def submit(self, job: _Job, helpers: int) -> None:
        """Ask so many threads to help."""
        if len(self._threads) < helpers and not self._closed:
            with self._growing:
                while len(self._threads) < helpers:
                    thread = threading.Thread(target=self._work, name=f"foveal-{len(self._threads)}", daemon=True)
                    thread.start()
                    self._threads.append(thread)
        for _ in range(helpers):
            self._jobs.put(job)
        self._bell += 1

    def close(self) -> None:
        """End the threads. Later jobs are left to their callers."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        self._bell += 1
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._closed:
            job = self._jobs.get()
            while job is not None:
                job.came.append(None)
                if job.core >= 0 and job.core == current_core():
                    leave(job.core)
                job.help()
                left = job.left
                del job
                job = self._next(left)

    def _next(self, left: np.ndarray[Any, Any]) -> _Job | None:
        """Leave a job; return the next one, if it comes before this thread had better sleep or end."""
        heard = self._bell[0]
        linger(left, self._bell, heard, LINGER if self._jobs.empty() else 0, DELAY)
        try:
            return self._jobs.get_nowait()
        except Empty:
            return None


_pool = _Pool()


@atexit.register
def _close_pool() -> None:
    """End the threads before the interpreter does: one that came back from a loop then would abort the process."""
    _pool.close()


def _renew_pool() -> None:
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_pool)


def parallel_for(function: Callable[..., None], count: int, *arguments: Any, work: int) -> None:
    """Call `function(start, stop, *arguments)` on pieces of `range(count)`, at the same time.

    Args:
        function: a `nogil` compiled kernel; pieces must write to places of their own.
        count: length of the range (images, planes or rows).
        arguments: passed on to every piece.
        work: elements that all pieces touch together; under `SMALL` they run inline, as one piece.
    """
    if work < SMALL or (threads := min(torch.get_num_threads(), count)) <= 1:
        if count > 0:
            function(0, count, *arguments)
        return
    pieces = min(threads if work < LONG else PIECES * threads, count)
    job = _Job(function, arguments, [count * i // pieces for i in range(pieces + 1)])
    _pool.submit(job, threads - 1)
    job.finish()


# Pieces for each thread of work that is long: a thread that is late, because its core is busy, leaves the rest to the
# others. Shorter work is done before that matters, and to take a piece takes some microseconds.
PIECES, LONG = 2, 1 << 22

# In pauses of some 20 nanoseconds: how long the caller waits for the last pieces, and a thread of the pool for the next
# job, before they sleep; and how long the latter leaves the interpreter's lock to the caller, who begins a piece too.
PATIENCE, LINGER, DELAY = 20_000, 5_000, 150

# Below this many elements a second thread costs more (some 20 microseconds of waking) than it saves.
SMALL = 16_384
