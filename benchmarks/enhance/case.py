# SPDX-License-Identifier: Apache-2.0
"""What the races of equalizations share."""

import torch
from torch import Tensor


def planes_of_bytes(images: Tensor) -> Tensor:
    """Return the channels of images, floats or bytes, as images of their own, for OpenCV equalizes only such."""
    images = images if images.dtype is torch.uint8 else (images * 255).to(torch.uint8)
    return images.reshape(-1, 1, *images.shape[-2:])
