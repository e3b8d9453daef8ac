# SPDX-License-Identifier: Apache-2.0
"""A model on parts of a batch."""

from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from foveal._check import check_count, check_tensor


def batched_forward(
    model: nn.Module, data: Shaped[Tensor, "batch *rest"], device: torch.device, batch_size: int = 128, **kwargs: Any
) -> Shaped[Tensor, "batch *result"]:
    """Run a model on parts of a batch, where the whole does not fit into the memory of a device.

    Args:
        model: a model that gives one tensor; it is moved to the device, and stays there.
        data: a batch (B, ...).
        device: where the model runs.
        batch_size: size of a part.
        kwargs: further arguments of the model.

    Returns:
        The results of all parts, on the device of `data`.

    Raises:
        TypeError: `data` is not a tensor, or `batch_size` not an integer.
        ValueError: `batch_size` is not positive.

    >>> batched_forward(nn.Identity(), torch.arange(3), torch.device("cpu"), batch_size=2)
    tensor([0, 1, 2])
    """
    check_tensor(data, "data")
    check_count(batch_size, "batch_size", smallest=1)
    moved = model.to(device)
    return torch.cat([moved(part.to(device), **kwargs).to(data.device) for part in data.split(batch_size)])
