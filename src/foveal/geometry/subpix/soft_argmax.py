# SPDX-License-Identifier: Apache-2.0
"""Coordinates of a whole map: softmax, expectation, and the two together (DSNT)."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_positive, check_shape
from foveal._module import module
from foveal._op import op


@op
def spatial_softmax2d(
    input: Float[Tensor, "batch channels height width"], temperature: Tensor | float | None = None
) -> Float[Tensor, "batch channels height width"]:
    """Turn each map into probabilities that sum to one over its pixels.

    Args:
        input: scores, (B, C, H, W).
        temperature: positive divisor of the scores, smaller is sharper; a number or a tensor that broadcasts to
            (B, C, 1, 1). `None` is 1.

    Returns:
        Probabilities, (B, C, H, W).

    Raises:
        TypeError: `input` is not a floating-point tensor.
        ValueError: `input` has not four dimensions, or a temperature that is a number is not positive.

    >>> heatmap = torch.tensor([[[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 2.0]]]])
    >>> spatial_softmax2d(heatmap)
    tensor([[[[0.0585, 0.0585, 0.0585],
              [0.0585, 0.0585, 0.0585],
              [0.0585, 0.1589, 0.4319]]]])

    Source: Nibali et al. 2018, "Numerical coordinate regression with convolutional neural networks", section 3.
    """
    check_floating(input, "input")
    check_shape(input, "input", "B", "C", "H", "W")
    check_positive(temperature, "temperature")
    scores = input if temperature is None else input / temperature
    return scores.flatten(-2).softmax(dim=-1).view(input.shape)


@op
def spatial_expectation2d(
    input: Float[Tensor, "batch channels height width"],
    normalized_coordinates: bool = True,
    *,
    normalize: bool = False,
    align_corners: bool = True,
) -> Float[Tensor, "batch channels 2"]:
    """Return the mean (x, y) of each map taken as probabilities over its pixels.

    Args:
        input: probabilities, (B, C, H, W); each map should sum to one, unless `normalize` is set.
        normalized_coordinates: return coordinates in [-1, 1]; else in pixels.
        normalize: divide each map by its sum first. A map that sums to zero gives NaN.
        align_corners: whether -1 and 1 are the centres of the outer pixels (Kornia's grid) or their outer edges
            (dsntnn's). Has no effect on pixel coordinates.

    Returns:
        Coordinates (x, y), (B, C, 2).

    Raises:
        TypeError: `input` is not a floating-point tensor.
        ValueError: `input` has not four dimensions.

    Convention: pixel centres are on integers; an axis of one pixel has its centre at the normalized coordinate 0.

    >>> heatmap = torch.tensor([[[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]])
    >>> spatial_expectation2d(heatmap, normalized_coordinates=False)
    tensor([[[1., 2.]]])

    Source: Nibali et al. 2018, equation 4.
    """
    check_floating(input, "input")
    check_shape(input, "input", "B", "C", "H", "W")
    height, width = input.shape[-2:]
    columns = pixel_coordinates(width, normalized_coordinates, align_corners, like=input)
    rows = pixel_coordinates(height, normalized_coordinates, align_corners, like=input)
    if normalize:
        input = input / input.sum(dim=(-2, -1), keepdim=True)
    x = (input.sum(dim=-2) * columns).sum(dim=-1)
    y = (input.sum(dim=-1) * rows).sum(dim=-1)
    return torch.stack([x, y], dim=-1)


@op
def spatial_soft_argmax2d(
    input: Float[Tensor, "batch channels height width"],
    temperature: Tensor | float | None = None,
    normalized_coordinates: bool = True,
) -> Float[Tensor, "batch channels 2"]:
    """Return the soft-argmax (x, y) of each map: the expectation of its softmax.

    A map of values in [0, 1] has a nearly uniform softmax, so that its soft-argmax lies near the centre of the image;
    lower `temperature`, or take `spatial_expectation2d(..., normalize=True)`, for such maps.

    Args:
        input: scores, (B, C, H, W).
        temperature: positive divisor of the scores, as in `spatial_softmax2d`.
        normalized_coordinates: return coordinates in [-1, 1], corners aligned; else in pixels.

    Returns:
        Coordinates (x, y), (B, C, 2).

    Raises:
        TypeError: `input` is not a floating-point tensor.
        ValueError: `input` has not four dimensions, or a temperature that is a number is not positive.

    Convention: pixel centres are on integers.

    >>> heatmap = torch.tensor([[[[0.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 0.0]]]])
    >>> [f"{c:.4f}" for c in spatial_soft_argmax2d(heatmap, normalized_coordinates=False).flatten()]
    ['1.0000', '1.0000']

    Source: Nibali et al. 2018, section 3.
    """
    probabilities = spatial_softmax2d.reference(input, temperature)
    return spatial_expectation2d.reference(probabilities, normalized_coordinates)


class SpatialSoftArgmax2d(module(spatial_soft_argmax2d)): ...


def pixel_coordinates(size: int, normalized: bool, align_corners: bool, like: Tensor) -> Float[Tensor, " size"]:
    """Return the coordinates of the pixel centres along one axis, in pixels or in [-1, 1]."""
    pixels = torch.arange(size, device=like.device, dtype=like.dtype)
    if not normalized:
        return pixels
    if align_corners and size > 1:
        return 2 * pixels / (size - 1) - 1
    return (2 * pixels + 1) / size - 1
