# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.enhance import _lookup
from foveal.kernels.cpu.enhance._lookup import CHUNK, look_up, look_up_four


@pytest.mark.parametrize("way", [look_up, compile_kernel(_lookup._look_up_singly)], ids=["chosen", "singly"])
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 300])
def test_every_byte_is_looked_up(way: object, count: int) -> None:
    random = np.random.default_rng(0)
    source, table = random.integers(0, 256, (2, 300 + CHUNK), dtype=np.uint8)
    target = np.zeros(300 + CHUNK, np.uint8)
    way(source, table[:256], target, count)  # pyright: ignore[reportCallIssue]
    assert np.array_equal(target[:count], table[source[:count]])
    assert not target[count + CHUNK :].any()


@pytest.mark.parametrize("way", [look_up_four, compile_kernel(_lookup._look_up_four_singly)], ids=["chosen", "singly"])
def test_a_row_is_looked_up_in_four_tables(way: object) -> None:
    random = np.random.default_rng(0)
    width, pitch = 150, 150 + CHUNK
    source, tables = random.integers(0, 256, pitch, dtype=np.uint8), random.integers(0, 256, (6, 256), dtype=np.uint8)
    left, right = np.repeat([0, 0, 1, 2], [20, 70, 7, 53]), np.repeat([0, 1, 2, 2], [20, 70, 7, 53])
    runs, target = np.array([0, 20, 90, 97, 150]), np.zeros(4 * pitch, np.uint8)
    way(source, tables.ravel(), 0, 3 * 256, left, right, runs, target, pitch)  # pyright: ignore[reportCallIssue]
    places = (left, right, left + 3, right + 3)
    for row, place in zip(target.reshape(4, pitch), places, strict=True):
        assert np.array_equal(row[:width], tables[place, source[:width]])
