# SPDX-License-Identifier: Apache-2.0
"""Labels as one channel per class."""

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from foveal._check import check_count, check_tensor
from foveal._op import op


@op
def one_hot(
    labels: Int64[Tensor, "batch *size"], num_classes: int, device: torch.device, dtype: torch.dtype, eps: float = 0.0
) -> Shaped[Tensor, "batch {num_classes} *size"]:
    """Turn labels into one channel per class.

    Args:
        labels: classes in [0, num_classes), (B, ...), of dtype int64.
        num_classes: number of classes C.
        device: of the result.
        dtype: of the result.
        eps: what stands in place of the zeros.

    Returns:
        1 at each label's channel and `eps` elsewhere, (B, C, ...).

    Raises:
        TypeError: `labels` is not a tensor of dtype int64, or `num_classes` not an integer.
        ValueError: `labels` has no dimension, or `num_classes` is not positive, or an `eps` other than 0
            meets an integer `dtype`.
        RuntimeError: a label is outside of the classes (a device assertion on a GPU).

    >>> one_hot(torch.tensor([[0, 2]]), 3, torch.device("cpu"), torch.int64)
    tensor([[[1, 0],
             [0, 0],
             [0, 1]]])
    """
    check_tensor(labels, "labels")
    if labels.dtype is not torch.int64:
        raise TypeError(f"labels must have dtype torch.int64, got {labels.dtype}")
    if not labels.ndim:
        raise ValueError("labels must have shape (B, *), got ()")
    check_count(num_classes, "num_classes", smallest=1)
    shape = (labels.shape[0], num_classes, *labels.shape[1:])
    if eps and not dtype.is_floating_point:
        raise ValueError(f"eps must be 0 for dtype {dtype}, got {eps}")
    return torch.full(shape, eps, device=device, dtype=dtype).scatter(1, labels.to(device).unsqueeze(1), 1)
