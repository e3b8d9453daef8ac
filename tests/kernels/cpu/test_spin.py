# SPDX-License-Identifier: Apache-2.0
import threading
import time

import numpy as np

from foveal.kernels.cpu._spin import await_number, linger

ENDLESS = 1 << 40


def word(number: int) -> np.ndarray:
    return np.full(1, number, np.uint32)


def test_waiting_ends_when_the_number_is_reached_by_another_thread() -> None:
    left, bell = word(0), word(0)
    helper = threading.Thread(target=linger, args=(left, bell, np.uint32(0), ENDLESS, 0))
    helper.start()
    await_number(left, 1, ENDLESS)
    assert left == 1
    bell += 1
    helper.join(60)
    assert not helper.is_alive()


def test_waiting_ends_at_its_limit() -> None:
    left, bell = word(0), word(7)
    started = time.monotonic()
    await_number(left, 1, 1000)
    linger(left, bell, np.uint32(7), 1000, ENDLESS)
    assert time.monotonic() - started < 30
    assert left == 1


def test_several_threads_are_all_counted() -> None:
    left, bell = word(0), word(0)
    helpers = [
        threading.Thread(target=lambda: [linger(left, bell, np.uint32(0), 0, 0) for _ in range(1000)]) for _ in range(4)
    ]
    for helper in helpers:
        helper.start()
    for helper in helpers:
        helper.join()
    assert left == 4000
