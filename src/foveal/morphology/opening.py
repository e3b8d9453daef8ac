# SPDX-License-Identifier: Apache-2.0
"""What dilation and erosion make together: opening, closing, gradient, top hat and bottom hat."""

import torch
from jaxtyping import Shaped
from torch import Tensor

from foveal._op import op
from foveal._pixels import Pixels
from foveal.morphology.dilation import dilation, erosion


@op
def opening(
    tensor: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"],
    structuring_element: Shaped[Tensor, "rows columns"] | None = None,
    origin: list[int] | tuple[int, ...] | None = None,
    border_type: str = "geodesic",
    border_value: float = 0.0,
    max_val: float = 1e4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Erode images, then dilate them: what the structuring element does not fit into disappears.

    Args:
        tensor: images, (B, C, H, W); bytes give bytes.
        kernel: as in `dilation`, and so are the arguments after it.
        structuring_element: heights of the cells, (rows, columns); `None` is flat.
        origin: the cell [row, column] that lies on the pixel.
        border_type: "geodesic", "constant", "reflect", "replicate" or "circular".
        border_value: pixels outside the image where `border_type` is "constant".
        max_val: has no effect.
        engine: has no effect.

    Returns:
        Images, (B, C, H, W), never brighter than `tensor` under the borders "geodesic" and "circular".

    Raises:
        TypeError, ValueError: as `dilation`.

    >>> opening(torch.tensor([[[[0.0, 1.0, 0.0, 1.0, 1.0]]]]), torch.ones(1, 2))
    tensor([[[[0., 0., 0., 1., 1.]]]])

    Source: Soille 2003, "Morphological Image Analysis", chapters 3 and 4.
    """
    eroded = erosion.reference(tensor, kernel, structuring_element, origin, border_type, border_value, max_val, engine)
    return dilation.reference(eroded, kernel, structuring_element, origin, border_type, border_value, max_val, engine)


@op
def closing(
    tensor: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"],
    structuring_element: Shaped[Tensor, "rows columns"] | None = None,
    origin: list[int] | tuple[int, ...] | None = None,
    border_type: str = "geodesic",
    border_value: float = 0.0,
    max_val: float = 1e4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Dilate images, then erode them: gaps that the structuring element does not fit into are filled.

    Args:
        tensor: images, (B, C, H, W); bytes give bytes.
        kernel: as in `dilation`, and so are the arguments after it.
        structuring_element: heights of the cells, (rows, columns); `None` is flat.
        origin: the cell [row, column] that lies on the pixel.
        border_type: "geodesic", "constant", "reflect", "replicate" or "circular".
        border_value: pixels outside the image where `border_type` is "constant".
        max_val: has no effect.
        engine: has no effect.

    Returns:
        Images, (B, C, H, W), never darker than `tensor` under the borders "geodesic" and "circular".

    Raises:
        TypeError, ValueError: as `dilation`.

    >>> closing(torch.tensor([[[[1.0, 0.0, 1.0, 0.0, 0.0]]]]), torch.ones(1, 2))
    tensor([[[[1., 1., 1., 0., 0.]]]])

    Source: Soille 2003, "Morphological Image Analysis", chapters 3 and 4.
    """
    dilated = dilation.reference(
        tensor, kernel, structuring_element, origin, border_type, border_value, max_val, engine
    )
    return erosion.reference(dilated, kernel, structuring_element, origin, border_type, border_value, max_val, engine)


@op
def gradient(
    tensor: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"],
    structuring_element: Shaped[Tensor, "rows columns"] | None = None,
    origin: list[int] | tuple[int, ...] | None = None,
    border_type: str = "geodesic",
    border_value: float = 0.0,
    max_val: float = 1e4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Subtract the erosion of images from their dilation: bright along edges.

    Args:
        tensor: images, (B, C, H, W); bytes give bytes.
        kernel: as in `dilation`, and so are the arguments after it.
        structuring_element: heights of the cells, (rows, columns); `None` is flat.
        origin: the cell [row, column] that lies on the pixel.
        border_type: "geodesic", "constant", "reflect", "replicate" or "circular".
        border_value: pixels outside the image where `border_type` is "constant".
        max_val: has no effect.
        engine: has no effect.

    Returns:
        Images, (B, C, H, W); in bytes a negative difference is 0.

    Raises:
        TypeError, ValueError: as `dilation`.

    >>> gradient(torch.tensor([[[[0.0, 0.0, 0.0, 1.0, 1.0]]]]), torch.ones(1, 3))
    tensor([[[[0., 0., 1., 1., 0.]]]])

    Source: Soille 2003, "Morphological Image Analysis", chapters 3 and 4.
    """
    dilated = dilation.reference(
        tensor, kernel, structuring_element, origin, border_type, border_value, max_val, engine
    )
    eroded = erosion.reference(tensor, kernel, structuring_element, origin, border_type, border_value, max_val, engine)
    return _difference(dilated, eroded)


@op
def top_hat(
    tensor: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"],
    structuring_element: Shaped[Tensor, "rows columns"] | None = None,
    origin: list[int] | tuple[int, ...] | None = None,
    border_type: str = "geodesic",
    border_value: float = 0.0,
    max_val: float = 1e4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Subtract the opening of images from them: what is bright and smaller than the structuring element.

    Args:
        tensor: images, (B, C, H, W); bytes give bytes.
        kernel: as in `dilation`, and so are the arguments after it.
        structuring_element: heights of the cells, (rows, columns); `None` is flat.
        origin: the cell [row, column] that lies on the pixel.
        border_type: "geodesic", "constant", "reflect", "replicate" or "circular".
        border_value: pixels outside the image where `border_type` is "constant".
        max_val: has no effect.
        engine: has no effect.

    Returns:
        Images, (B, C, H, W); in bytes a negative difference is 0.

    Raises:
        TypeError, ValueError: as `dilation`.

    >>> top_hat(torch.tensor([[[[0.0, 1.0, 0.0, 1.0, 1.0]]]]), torch.ones(1, 2))
    tensor([[[[0., 1., 0., 0., 0.]]]])

    Source: Soille 2003, "Morphological Image Analysis", chapters 3 and 4.
    """
    opened = opening.reference(tensor, kernel, structuring_element, origin, border_type, border_value, max_val, engine)
    return _difference(tensor, opened)


@op
def bottom_hat(
    tensor: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"],
    structuring_element: Shaped[Tensor, "rows columns"] | None = None,
    origin: list[int] | tuple[int, ...] | None = None,
    border_type: str = "geodesic",
    border_value: float = 0.0,
    max_val: float = 1e4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Subtract images from their closing: what is dark and smaller than the structuring element.

    Args:
        tensor: images, (B, C, H, W); bytes give bytes.
        kernel: as in `dilation`, and so are the arguments after it.
        structuring_element: heights of the cells, (rows, columns); `None` is flat.
        origin: the cell [row, column] that lies on the pixel.
        border_type: "geodesic", "constant", "reflect", "replicate" or "circular".
        border_value: pixels outside the image where `border_type` is "constant".
        max_val: has no effect.
        engine: has no effect.

    Returns:
        Images, (B, C, H, W); in bytes a negative difference is 0.

    Raises:
        TypeError, ValueError: as `dilation`.

    >>> bottom_hat(torch.tensor([[[[1.0, 0.0, 1.0, 0.0, 0.0]]]]), torch.ones(1, 2))
    tensor([[[[0., 1., 0., 0., 0.]]]])

    Source: Soille 2003, "Morphological Image Analysis", chapters 3 and 4.
    """
    closed = closing.reference(tensor, kernel, structuring_element, origin, border_type, border_value, max_val, engine)
    return _difference(closed, tensor)


def _difference(first: Tensor, second: Tensor) -> Tensor:
    """Subtract; in bytes what would be negative is 0."""
    if first.dtype is torch.uint8:
        return (first.int() - second.int()).clamp(min=0).to(torch.uint8)
    return first - second
