# SPDX-License-Identifier: Apache-2.0
"""Edges of batches of images, as the survey on Kornia raced them (Riba et al. 2020, arXiv:2009.10521)."""

from functools import partial

from benchmarks.images import random_images
from benchmarks.race import Race
from foveal.apps.batched_edges import BATCHES, CONTENDERS, SIZE


def _race(batch: int) -> Race:
    images = random_images((batch, 3, SIZE, SIZE))
    calls = {name: partial(contender.prepare, images) for name, contender in CONTENDERS.items()}
    foveal = calls.pop("foveal")
    return Race(
        name="batched edges",
        size="x".join(map(str, images.shape)),
        foveal=foveal,
        peers=calls,
        goal=dict.fromkeys(calls, 1.0),
        bytes_moved=2 * images.nbytes,
    )


RACES = [_race(batch) for batch in BATCHES]
