# SPDX-License-Identifier: Apache-2.0
"""Work split over threads.

A kernel is a `nogil` function over a range of images or rows. `parallel_for` cuts the range into one piece per thread
of `torch.get_num_threads()`, runs one piece on the calling thread and the others on a pool. The pool is made anew after
a fork, so that DataLoader workers can use kernels (Numba's own OpenMP layer aborts a forked process).
"""

import os
import threading
from collections.abc import Callable
from itertools import pairwise
from queue import SimpleQueue
from typing import Any

import torch

Piece = tuple[Callable[..., None], int, int, tuple[Any, ...], "SimpleQueue[BaseException | None]"]


class _Pool:
    """Daemon threads that take pieces of work from one queue."""

    def __init__(self) -> None:
        self._pieces: SimpleQueue[Piece] = SimpleQueue()
        self._size = 0
        self._growing = threading.Lock()

    def submit(self, piece: Piece, size: int) -> None:
        """Queue a piece for a pool of at least `size` threads."""
        if self._size < size:
            with self._growing:
                while self._size < size:
                    threading.Thread(target=self._work, name=f"foveal-{self._size}", daemon=True).start()
                    self._size += 1
        self._pieces.put(piece)

    def _work(self) -> None:
        while True:
            function, start, stop, arguments, done = self._pieces.get()
            failure: BaseException | None = None
            try:
                function(start, stop, *arguments)
            except BaseException as error:  # handed to the calling thread, which raises it
                failure = error
            # Nothing of the finished piece may live on in the waiting thread, or it would hold its tensors.
            del function, arguments
            done.put(failure)
            del done, failure


_pool = _Pool()


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
    pieces = min(torch.get_num_threads(), count)
    if pieces <= 1 or work < SMALL:
        if count > 0:
            function(0, count, *arguments)
        return
    bounds = [count * i // pieces for i in range(pieces + 1)]
    done: SimpleQueue[BaseException | None] = SimpleQueue()
    for start, stop in pairwise(bounds[1:]):
        _pool.submit((function, start, stop, arguments, done), pieces - 1)
    try:
        function(bounds[0], bounds[1], *arguments)
    finally:
        failures = [done.get() for _ in range(pieces - 1)]
    for failure in failures:
        if failure is not None:
            raise failure


# Below this many elements a second thread costs more (some 20 microseconds of waking) than it saves.
SMALL = 16_384
