# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from functools import partial
from typing import Any

import kornia.filters as kornia

from benchmarks.images import image_races
from benchmarks.race import Race
from foveal.filters import blur_pool2d, edge_aware_blur_pool2d, max_blur_pool2d

RACES: list[Race] = []
PAIRS: tuple[tuple[Callable[..., Any], Callable[..., Any]], ...] = (
    (blur_pool2d, kornia.blur_pool2d),
    (max_blur_pool2d, kornia.max_blur_pool2d),
    (edge_aware_blur_pool2d, kornia.edge_aware_blur_pool2d),
)
for operation, peer in PAIRS:
    for size in (3, 5):
        name = f"{operation.__name__}_{size}"
        races = image_races(name, partial(operation, kernel_size=size), partial(peer, kernel_size=size), None)
        RACES.extend(races)
