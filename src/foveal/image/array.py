# SPDX-License-Identifier: Apache-2.0
"""Images as NumPy arrays and as tensors, and many images as one."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from foveal._check import check_count, check_shape, check_tensor


def image_to_tensor(image: Any, keepdim: bool = True) -> Tensor:
    """View an array of an image, or of a batch, as a tensor with the channels first.

    Args:
        image: array (H, W), (H, W, C) or (B, H, W, C). The tensor shares its memory.
        keepdim: give (C, H, W) for one image; else (1, C, H, W).

    Returns:
        Tensor (C, H, W) or (B, C, H, W), of the dtype and the values of the array.

    Raises:
        TypeError: `image` is not an array.
        ValueError: `image` has other dimensions.

    >>> image_to_tensor(np.zeros((4, 5, 3))).shape
    torch.Size([3, 4, 5])
    """
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image must be a numpy.ndarray, got {type(image).__name__}")
    if image.ndim not in (2, 3, 4):
        raise ValueError(f"image must have shape (H, W), (H, W, C) or (B, H, W, C), got {image.shape}")
    tensor = torch.from_numpy(image)
    tensor = tensor[None] if image.ndim == 2 else tensor.movedim(-1, -3)
    return tensor if keepdim or image.ndim == 4 else tensor[None]


def image_list_to_tensor(images: list[Any]) -> Tensor:
    """Copy arrays of images of one size into a batch.

    Args:
        images: arrays (H, W, C).

    Returns:
        Tensor (B, C, H, W).

    Raises:
        TypeError: a member is not an array.
        ValueError: no image, one that is not (H, W, C), or images of different shapes.

    >>> image_list_to_tensor([np.zeros((4, 5, 3)), np.ones((4, 5, 3))]).shape
    torch.Size([2, 3, 4, 5])
    """
    if not images:
        raise ValueError("images must hold at least one image, got none")
    for image in images:
        if not isinstance(image, np.ndarray):
            raise TypeError(f"images must be numpy.ndarrays, got {type(image).__name__}")
        if image.ndim != 3 or image.shape != images[0].shape:
            raise ValueError(f"images must have one shape (H, W, C), got {images[0].shape} and {image.shape}")
    return image_to_tensor(np.stack(images))


def tensor_to_image(tensor: Tensor, keepdim: bool = False, force_contiguous: bool = False) -> Any:
    """View a tensor of an image, or of a batch, as an array with the channels last.

    Args:
        tensor: (H, W), (C, H, W) or (B, C, H, W). The array shares its memory where it is on the CPU; bfloat16 becomes
            float32.
        keepdim: keep a batch of one image; else its dimension is dropped, as that of a single channel always is.
        force_contiguous: lay out the array row by row, with a copy where that is needed.

    Returns:
        Array (H, W), (H, W, C), (B, H, W) or (B, H, W, C).

    Raises:
        TypeError: `tensor` is not a tensor.
        ValueError: `tensor` has other dimensions.

    >>> tensor_to_image(torch.zeros(1, 3, 4, 5)).shape
    (4, 5, 3)
    """
    check_tensor(tensor, "tensor")
    if tensor.ndim not in (2, 3, 4):
        raise ValueError(f"tensor must have shape (H, W), (C, H, W) or (B, C, H, W), got {tuple(tensor.shape)}")
    image = tensor.detach().cpu()
    image = image.float() if image.dtype is torch.bfloat16 else image
    if image.ndim > 2:
        image = image.movedim(-3, -1)
        image = image[..., 0] if image.shape[-1] == 1 else image
    if tensor.ndim == 4 and len(tensor) == 1 and not keepdim:
        image = image[0]
    return (image.contiguous() if force_contiguous else image).numpy()


class ImageToTensor(nn.Module):
    """Module form of `image_to_tensor`, whose `keepdim` is `False` by default.

    Args:
        keepdim: give (C, H, W) for one image; else (1, C, H, W).
    """

    def __init__(self, keepdim: bool = False) -> None:
        super().__init__()
        self.keepdim = keepdim

    def forward(self, x: Any) -> Tensor:
        """View an array as a tensor."""
        return image_to_tensor(x, keepdim=self.keepdim)

    def extra_repr(self) -> str:  # noqa: D102
        return f"keepdim={self.keepdim}"


def make_grid(tensor: Tensor, n_row: int | None = None, padding: int = 2) -> Tensor:
    """Lay out a batch as one image, row by row.

    Args:
        tensor: images (B, C, H, W).
        n_row: images side by side; by default the square root of B, rounded up.
        padding: pixels of zeros between images.

    Returns:
        Image (C, R * (H + padding) - padding, n_row * (W + padding) - padding) for R rows; missing images are zeros.

    Raises:
        TypeError: `tensor` is not a tensor, or a number not an integer.
        ValueError: `tensor` is not (B, C, H, W), `n_row` is not positive, or `padding` is negative.

    >>> make_grid(torch.ones(3, 1, 1, 1), padding=1)
    tensor([[[1., 0., 1.],
             [0., 0., 0.],
             [1., 0., 0.]]])
    """
    check_shape(tensor, "tensor", "B", "C", "H", "W")
    check_count(padding, "padding")
    batch, channels, height, width = tensor.shape
    columns = max(math.isqrt(max(batch - 1, 0)) + (batch > 0), 1) if n_row is None else n_row
    check_count(columns, "n_row", smallest=1)
    rows = -(-batch // columns)
    missing = tensor.new_zeros(rows * columns - batch, channels, height, width)
    cells = nn.functional.pad(torch.cat([tensor, missing]), (0, padding, 0, padding))
    cells = cells.view(rows, columns, channels, height + padding, width + padding).permute(2, 0, 3, 1, 4)
    grid = cells.reshape(channels, rows * (height + padding), columns * (width + padding))
    return grid[:, : max(grid.shape[1] - padding, 0), : grid.shape[2] - padding]
