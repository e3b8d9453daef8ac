# SPDX-License-Identifier: Apache-2.0
"""The adjoint of a border: pixels around an image added to those that they were copied from."""

from collections.abc import Sequence

import torch
from torch import Tensor

from foveal.kernels.cpu._border import sources


def fold(wide: Tensor, sizes: Sequence[int], sides: Sequence[int], border_type: str) -> Tensor:
    """Return the gradient to images from that to surrounded ones.

    Args:
        wide: the surrounded images, (B, C, *surrounded).
        sizes: of the images.
        sides: of the window that made the border necessary.
        border_type: what lay outside; not "constant".
    """
    for axis, (size, side) in enumerate(zip(sizes, sides, strict=True), start=2):
        reach = (side - 1) // 2
        inner = wide.narrow(axis, reach, size)
        outer = [*range(reach), *range(size + reach, size + side - 1)]
        border = wide.index_select(axis, torch.tensor(outer, dtype=torch.int64, device="cpu"))
        pixels = torch.from_numpy(sources(size, reach, side // 2, border_type)[outer])
        wide = inner.index_add(axis, pixels, border)
    return wide
