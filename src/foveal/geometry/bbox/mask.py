# SPDX-License-Identifier: Apache-2.0
"""Boxes as masks of the pixels that they cover."""

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_count, check_shape, check_size
from foveal._op import op


@op
def bbox_to_mask(boxes: Num[Tensor, "boxes 4 2"], width: int, height: int) -> Num[Tensor, "boxes {height} {width}"]:
    """Return for each box a mask, one at the pixels whose centres it holds and zero elsewhere.

    Args:
        boxes: vertices (x, y) top-left, top-right, bottom-right, bottom-left, (B, 4, 2). The first and the third count.
        width: columns of the masks.
        height: rows of the masks.

    Returns:
        Masks of the dtype of `boxes`, (B, H, W), without gradient.

    Raises:
        TypeError: a size is not an integer.
        ValueError: `boxes` is not (B, 4, 2), or a size is negative.

    Convention: pixel centres are on integers, and one on a side of the box is covered. The size is (width, height),
    where `Boxes.to_mask` takes (height, width).

    >>> bbox_to_mask(torch.tensor([[[1, 0], [2, 0], [2, 1], [1, 1]]]), 4, 2)
    tensor([[[0, 1, 1, 0],
             [0, 1, 1, 0]]])
    """
    check_shape(boxes, "boxes", "B", 4, 2)
    check_count(width, "width")
    check_count(height, "height")
    boxes = boxes.detach()
    columns = covered(boxes[:, 0, 0], boxes[:, 2, 0], width)
    rows = covered(boxes[:, 0, 1], boxes[:, 2, 1], height)
    return rows[:, :, None] * columns[:, None, :]


@op
def bbox_to_mask3d(
    boxes: Num[Tensor, "boxes 8 3"], size: tuple[int, int, int]
) -> Num[Tensor, "boxes 1 {size[0]} {size[1]} {size[2]}"]:
    """Return for each box of a volume a mask, one at the voxels that it holds and zero elsewhere.

    Args:
        boxes: vertices (x, y, z), the front face as in `bbox_to_mask`, then the back face, (B, 8, 3). The first and the
            seventh count, cut off to whole numbers.
        size: planes, rows and columns of the masks.

    Returns:
        Masks of the dtype of `boxes`, (B, 1, D, H, W), without gradient.

    Raises:
        TypeError: `size` is not a tuple.
        ValueError: `boxes` is not (B, 8, 3), or `size` not three integers of at least 0.

    Convention: voxel centres are on integers, and one on a side of the box is covered.

    >>> bbox_to_mask3d(torch.zeros(1, 8, 3), (1, 2, 3))
    tensor([[[[[1., 0., 0.],
               [0., 0., 0.]]]]])
    """
    check_shape(boxes, "boxes", "B", 8, 3)
    check_size(size, "size", 3, smallest=0)
    boxes = boxes.detach().trunc()
    planes, rows, columns = (
        covered(boxes[:, 0, axis], boxes[:, 6, axis], side) for axis, side in zip((2, 1, 0), size, strict=True)
    )
    return (planes[:, :, None, None] * rows[:, None, :, None] * columns[:, None, None, :])[:, None]


def covered(start: Tensor, end: Tensor, size: int) -> Tensor:
    """Return which pixels of an axis lie in each closed interval, (B, size), as 0 and 1 in the dtype of `start`."""
    # Counted in float32 at least: float16 has no odd numbers beyond 2048.
    exact = torch.promote_types(start.dtype, torch.float32) if start.is_floating_point() else start.dtype
    if exact is torch.uint8:
        exact = torch.int64
    pixels = torch.arange(size, device=start.device, dtype=exact)
    start, end, dtype = start[:, None].to(exact), end[:, None].to(exact), start.dtype
    return ((pixels >= start) & (pixels <= end)).to(dtype)
