# SPDX-License-Identifier: Apache-2.0
"""Functions of batches, applied to any leading dimensions."""

import functools
from collections.abc import Callable
from typing import Any

from torch import Tensor

from foveal._check import check_tensor


def perform_keep_shape_image(f: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Let a function of images (B, C, H, W) take images (H, W) or (*, C, H, W).

    Args:
        f: a function whose first argument is (B, C, H, W) and which gives (B, ...).

    Returns:
        A function that gives the leading dimensions back, and for (H, W) the first channel only. It raises TypeError
        for what is no tensor, and ValueError for fewer than two dimensions or an empty input.

    >>> import torch
    >>> perform_keep_shape_image(lambda image: image.flip(-1))(torch.eye(2))
    tensor([[0., 1.],
            [1., 0.]])
    """
    return _keep_shape(f, 2)


def perform_keep_shape_video(f: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Let a function of videos (B, C, D, H, W) take videos (D, H, W) or (*, C, D, H, W).

    Args:
        f: a function whose first argument is (B, C, D, H, W) and which gives (B, ...).

    Returns:
        A function that gives the leading dimensions back, and for (D, H, W) the first channel only. It raises TypeError
        for what is no tensor, and ValueError for fewer than three dimensions or an empty input.

    >>> import torch
    >>> perform_keep_shape_video(lambda video: video.flip(-3))(torch.arange(2.0).view(2, 1, 1)).flatten()
    tensor([1., 0.])
    """
    return _keep_shape(f, 3)


def _keep_shape(f: Callable[..., Tensor], axes: int) -> Callable[..., Tensor]:
    @functools.wraps(f)
    def kept(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_tensor(input, "input")
        if input.ndim < axes or not input.numel():
            raise ValueError(f"input must have {axes} dimensions or more, and a pixel, got {tuple(input.shape)}")
        if input.ndim == axes:
            return f(input[None, None], *args, **kwargs)[0, 0]
        lead = input.shape[: -axes - 1]
        result = f(input.reshape(-1, *input.shape[-axes - 1 :]), *args, **kwargs)
        return result.reshape(*lead, *result.shape[1:])

    return kept
