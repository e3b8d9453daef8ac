# SPDX-License-Identifier: Apache-2.0
"""Mirror images."""

from jaxtyping import Shaped
from torch import Tensor

from foveal._check import check_shape
from foveal._module import module
from foveal._op import op


@op
def hflip(input: Shaped[Tensor, "*batch width"]) -> Shaped[Tensor, "*batch width"]:
    """Mirror images left to right.

    Args:
        input: images of any dtype, (*, W).

    Returns:
        Images of the same shape.

    Raises:
        TypeError: `input` is not a tensor.
        ValueError: `input` has no axis.

    >>> import torch
    >>> hflip(torch.tensor([[1, 2], [3, 4]]))
    tensor([[2, 1],
            [4, 3]])
    """
    check_shape(input, "input", "*", "W")
    return input.flip(-1)


class Hflip(module(hflip)): ...


@op
def vflip(input: Shaped[Tensor, "*batch height width"]) -> Shaped[Tensor, "*batch height width"]:
    """Mirror images upside down.

    Args:
        input: images of any dtype, (*, H, W).

    Returns:
        Images of the same shape.

    Raises:
        TypeError: `input` is not a tensor.
        ValueError: `input` has fewer than two axes.

    >>> import torch
    >>> vflip(torch.tensor([[1, 2], [3, 4]]))
    tensor([[3, 4],
            [1, 2]])
    """
    check_shape(input, "input", "*", "H", "W")
    return input.flip(-2)


class Vflip(module(vflip)): ...


@op
def rot180(input: Shaped[Tensor, "*batch height width"]) -> Shaped[Tensor, "*batch height width"]:
    """Turn images by 180 degrees.

    Args:
        input: images of any dtype, (*, H, W).

    Returns:
        Images of the same shape.

    Raises:
        TypeError: `input` is not a tensor.
        ValueError: `input` has fewer than two axes.

    >>> import torch
    >>> rot180(torch.tensor([[1, 2], [3, 4]]))
    tensor([[4, 3],
            [2, 1]])
    """
    check_shape(input, "input", "*", "H", "W")
    return input.flip(-2, -1)


class Rot180(module(rot180)): ...
