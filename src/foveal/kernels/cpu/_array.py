# SPDX-License-Identifier: Apache-2.0
"""Tensors as the contiguous NumPy arrays that compiled loops take."""

from typing import Any

import numpy as np
from torch import Tensor


def as_array(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Return a C-contiguous view of a CPU tensor, or a copy where its memory is laid out otherwise."""
    return tensor.detach().contiguous().numpy()
