# SPDX-License-Identifier: Apache-2.0
"""The dtype that two tensors are computed in, and that of the result."""

import torch
from torch import Tensor


def result_dtype(first: Tensor, second: Tensor) -> torch.dtype:
    """Return the dtype of what is made of two tensors: theirs, or float32 where none is floating."""
    dtype = torch.promote_types(first.dtype, second.dtype)
    return dtype if dtype.is_floating_point else torch.float32


def widen(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor, torch.dtype]:
    """Return two tensors in float32 at least, and the dtype of what is made of them."""
    if first.dtype is second.dtype is torch.float32:
        return first, second, torch.float32
    dtype = result_dtype(first, second)
    wide = torch.promote_types(dtype, torch.float32)
    return first.to(wide), second.to(wide), dtype


def narrow(result: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a result in a dtype; to ask PyTorch for the one that it has takes a microsecond."""
    return result if result.dtype is dtype else result.to(dtype)
