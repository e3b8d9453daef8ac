# SPDX-License-Identifier: Apache-2.0
"""Times of the steps of a job."""

import statistics
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Stopwatch:
    """Seconds spent on each step, in order.

    Args:
        announce: told the name of each step as it begins.
    """

    def __init__(self, announce: Callable[[str], object] = lambda _: None) -> None:
        self._announce = announce
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Time the block; a step that comes again adds up."""
        self._announce(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def median_seconds(call: Callable[[], object], *, seconds: float = 0.1, least: int = 3) -> float:
    """Call again and again, and return the median time of a call.

    Args:
        call: what to time; call it once before, if its first call does more than the others.
        seconds: how long to go on.
        least: the least number of calls.
    """
    times: list[float] = []
    while len(times) < least or sum(times) < seconds:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
