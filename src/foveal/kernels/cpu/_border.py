# SPDX-License-Identifier: Apache-2.0
"""Borders, as tables of rows and columns for the loops over windows."""

import functools
from typing import Any

import numpy as np


@functools.lru_cache(maxsize=256)
def sources(size: int, before: int, after: int, border_type: str) -> np.ndarray[Any, Any]:
    """Return the pixel of an axis that each pixel of the surrounded axis shows; -1 is none (`"constant"`).

    The array is shared by all calls: it is not to be written to.
    """
    places = np.arange(-before, size + after)
    if border_type == "replicate":
        places = places.clip(0, size - 1)
    elif border_type == "circular":
        places = places % size
    elif border_type == "reflect":
        period = max(2 * (size - 1), 1)
        places = places % period
        places = np.minimum(places, period - places) if size > 1 else places
    else:
        places = np.where((places >= 0) & (places < size), places, -1)
    return places.astype(np.int32)
