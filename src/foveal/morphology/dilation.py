# SPDX-License-Identifier: Apache-2.0
"""Dilation and erosion: the largest and the smallest pixel under a structuring element."""

import math

import torch
from jaxtyping import Shaped
from torch import Tensor

from foveal._op import op
from foveal._pixels import Pixels
from foveal.morphology._window import check_arguments, decode, encode, pad, pixels_at, strongest


@op
def dilation(
    tensor: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"],
    structuring_element: Shaped[Tensor, "rows columns"] | None = None,
    origin: list[int] | tuple[int, ...] | None = None,
    border_type: str = "geodesic",
    border_value: float = 0.0,
    max_val: float = 1e4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Replace each pixel by the largest one under the reflected structuring element.

    Args:
        tensor: images, (B, C, H, W); bytes give bytes.
        kernel: cells other than zero make up the structuring element, (rows, columns).
        structuring_element: heights that are added before the maximum, (rows, columns); `None` is flat.
        origin: the cell [row, column] that lies on the pixel; `None` is (rows // 2, columns // 2).
        border_type: "geodesic" leaves pixels outside the image out; "constant", "reflect", "replicate", "circular".
        border_value: pixels outside the image where `border_type` is "constant".
        max_val: has no effect: what does not count is minus infinity.
        engine: "auto", "unfold", "convolution" or "shift"; has no effect.

    Returns:
        Images, (B, C, H, W), in the dtype of `tensor` promoted with that of `structuring_element`, or else of `kernel`;
        -inf (0 in bytes) where no cell lies inside the image. The gradient goes to the first of equal pixels.

    Raises:
        TypeError: `tensor` has neither a floating-point dtype nor bytes, or another argument is of a wrong type.
        ValueError: a wrong shape, or an unknown `border_type` or `engine`.

    Convention: the maximum over cells b of f(x - b) + b's height, as in SciPy; OpenCV does not reflect.

    >>> dilation(torch.eye(3).view(1, 1, 3, 3), torch.tensor([[0, 1, 1]]))[0, 0]
    tensor([[1., 1., 0.],
            [0., 1., 1.],
            [0., 0., 1.]])

    Source: Soille 2003, "Morphological Image Analysis", chapter 3.
    """
    check_arguments(tensor, kernel, structuring_element, origin, border_type, engine)
    image = decode(tensor)
    image = image.to(
        torch.promote_types(image.dtype, (kernel if structuring_element is None else structuring_element).dtype)
    )
    if image.numel() == 0:
        return encode(image, tensor)
    height, width = kernel.shape
    row, column = (height // 2, width // 2) if origin is None else origin
    # Reflected, the window of a pixel reaches up by what lies below the origin.
    padded = pad(image, (width - 1 - column, column, height - 1 - row, row), border_type, border_value)
    weights = None if structuring_element is None else structuring_element.to(image.dtype).flip(0, 1)
    best, place = strongest(padded, kernel.flip(0, 1) != 0, weights)
    result = pixels_at(padded, place, width)
    if weights is not None:
        result = result + weights.flatten()[place]
    return encode(torch.where(best == -math.inf, -math.inf, result), tensor)


@op
def erosion(
    tensor: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"],
    structuring_element: Shaped[Tensor, "rows columns"] | None = None,
    origin: list[int] | tuple[int, ...] | None = None,
    border_type: str = "geodesic",
    border_value: float = 0.0,
    max_val: float = 1e4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Replace each pixel by the smallest one under the structuring element.

    Args:
        tensor: images, (B, C, H, W); bytes give bytes.
        kernel: cells other than zero make up the structuring element, (rows, columns).
        structuring_element: heights that are subtracted before the minimum, (rows, columns); `None` is flat.
        origin: the cell [row, column] that lies on the pixel; `None` is (rows // 2, columns // 2).
        border_type: as in `dilation`.
        border_value: as in `dilation`.
        max_val: has no effect.
        engine: has no effect.

    Returns:
        Images, (B, C, H, W), in the dtype that `dilation` gives; inf (255 in bytes) where no cell lies inside the
        image. The gradient goes to the first of equal pixels.

    Raises:
        TypeError: `tensor` has neither a floating-point dtype nor bytes, or another argument is of a wrong type.
        ValueError: a wrong shape, or an unknown `border_type` or `engine`.

    Convention: the minimum over cells b of f(x + b) - b's height, as in SciPy and OpenCV.

    >>> erosion(1 - torch.eye(3).view(1, 1, 3, 3), torch.tensor([[0, 1, 1]]))[0, 0]
    tensor([[0., 1., 1.],
            [0., 0., 1.],
            [1., 0., 0.]])

    Source: Soille 2003, "Morphological Image Analysis", chapter 3.
    """
    check_arguments(tensor, kernel, structuring_element, origin, border_type, engine)
    height, width = kernel.shape
    row, column = (height // 2, width // 2) if origin is None else origin
    # Erosion is dilation by the reflected element, seen in the negative.
    result = dilation.reference(
        -decode(tensor),
        kernel.flip(0, 1),
        None if structuring_element is None else structuring_element.flip(0, 1),
        (height - 1 - row, width - 1 - column),
        border_type,
        -border_value,
    )
    return encode(-result, tensor)
