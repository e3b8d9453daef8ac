# SPDX-License-Identifier: Apache-2.0
"""Integral images: sums over all pixels above and to the left."""

from collections.abc import Sequence

from jaxtyping import Num
from torch import Tensor

from foveal._check import check_shape, check_tensor
from foveal._module import module
from foveal._op import op


@op
def integral_image(image: Num[Tensor, "*batch height width"]) -> Num[Tensor, "*batch height width"]:
    """Sum each image over the rectangle from its first pixel to each of its pixels.

    Args:
        image: images (*, H, W), of any number type.

    Returns:
        Sums, (*, H, W), int64 for integers, else in the dtype of `image`.

    Raises:
        TypeError: `image` is not a tensor.
        ValueError: `image` has fewer than two dimensions.

    Convention: no row or column of zeros comes before the first, unlike in `cv2.integral`.

    >>> import torch
    >>> integral_image(torch.ones(2, 3))
    tensor([[1., 2., 3.],
            [2., 4., 6.]])

    Source: Crow 1984, "Summed-area tables for texture mapping".
    """
    check_shape(image, "image", "*", "H", "W")
    return image.cumsum(-1).cumsum(-2)


@op
def integral_tensor(input: Num[Tensor, "*shape"], dim: Sequence[int] | None = None) -> Num[Tensor, "*shape"]:
    """Sum a tensor along some axes from the first element to each element.

    Args:
        input: tensor with at least one dimension, of any number type.
        dim: the axes to sum along, each once; `None` is the last one.

    Returns:
        Sums in the shape of `input`, int64 for integers, else in its dtype.

    Raises:
        TypeError: `input` is not a tensor, or `dim` is not a tuple or list.
        ValueError: `input` has no dimension, or `dim` is empty, names an axis twice or one that does not exist.

    >>> import torch
    >>> integral_tensor(torch.ones(2, 3), (0, 1))
    tensor([[1., 2., 3.],
            [2., 4., 6.]])

    Source: Tapia 2011, "A note on the computation of high-dimensional integral images", Pattern Recognition Letters 32.
    """
    check_tensor(input, "input")
    check_shape(input, "input", "*", "D")
    dim = (-1,) if dim is None else dim
    if not isinstance(dim, tuple | list):
        raise TypeError(f"dim must be a tuple of axes, got {type(dim).__name__}")
    axes = {axis % input.ndim for axis in dim if -input.ndim <= axis < input.ndim}
    if not dim or len(axes) < len(dim):
        raise ValueError(f"dim must name axes of {tuple(input.shape)}, each once, got {tuple(dim)}")
    for axis in dim:
        input = input.cumsum(axis)
    return input


class IntegralImage(module(integral_image)): ...


class IntegralTensor(module(integral_tensor)): ...
