# SPDX-License-Identifier: Apache-2.0
"""What the tests of equalizations share: images whose levels are the same in every precision, and photographs."""

import functools

import skimage.data
import torch
from torch import Tensor

from tests.contract import Make


def _firm() -> Tensor:
    """Return numbers in (0, 1) that half precision holds, and that times 255 are far enough from whole numbers."""
    values = torch.arange(1, 256, dtype=torch.float64) / 256
    levels = [(values.to(dtype) * 255).long() for dtype in (torch.bfloat16, torch.float16, torch.float32)]
    exact = values.bfloat16().double() == values
    return values[exact & (levels[0] == levels[2]) & (levels[1] == levels[2])]


def image_of(make: Make, *shape: int) -> Tensor:
    """Return an image that has the same levels in every precision."""
    firm = _firm()
    return make.tensor(firm[make.integers(0, len(firm), *shape).cpu()])


@functools.cache
def photographs() -> list[Tensor]:
    """Return photographs as bytes, (3, 300, 451) and (1, 512, 512), and a dark corner of one."""
    cat = torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).contiguous()
    return [cat, torch.from_numpy(skimage.data.camera())[None], cat[:, :96, :128].contiguous()]
