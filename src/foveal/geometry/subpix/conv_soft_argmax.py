# SPDX-License-Identifier: Apache-2.0
"""Soft-argmax of every window of a map or volume, as a strided filter."""

import functools
import itertools
import warnings
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from foveal._check import check_floating, check_positive, check_shape, check_size
from foveal._module import module
from foveal._op import op


@op
def conv_soft_argmax2d(
    input: Float[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] = (3, 3),
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (1, 1),
    temperature: Tensor | float = 1.0,
    normalized_coordinates: bool = True,
    eps: float = 1e-8,
    output_value: bool = False,
) -> (
    Float[Tensor, "batch channels 2 out_height out_width"]
    | tuple[
        Float[Tensor, "batch channels 2 out_height out_width"], Float[Tensor, "batch channels out_height out_width"]
    ]
):
    """Return the soft-argmax (x, y) of every window of each map: the mean position under the window's softmax.

    Args:
        input: scores, (B, C, H, W).
        kernel_size: height and width of the window.
        stride: rows and columns from one window to the next.
        padding: rows and columns added on each side, of zero weight; at most half of `kernel_size`.
        temperature: positive divisor of the scores, smaller is sharper; a number or a tensor that broadcasts to
            (B, C, 1, 1).
        normalized_coordinates: return coordinates in [-1, 1], corners aligned; else in pixels.
        eps: has no effect (no sum of weights can be zero); Kornia has it.
        output_value: return the mean score of every window under its softmax as well.

    Returns:
        Coordinates (x, y) in the whole map, (B, C, 2, H', W'), where H' = (H + 2 padding - kernel) // stride + 1; with
        `output_value` the values too, (B, C, H', W'). A score of -inf has no weight; a window of nothing else is NaN.

    Raises:
        TypeError: `input` is not a floating-point tensor, or a size is not a tuple.
        ValueError: `input` has not four dimensions, a size is out of its range, the window is larger than the padded
            map, or the temperature is not positive (a tensor's values are not read) or varies inside a map.

    Convention: pixel centres are on integers.

    >>> heatmap = torch.tensor([[[[0.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 0.0]]]])
    >>> [f"{c:.4f}" for c in conv_soft_argmax2d(heatmap, normalized_coordinates=False)[0, 0, :, 1, 1]]
    ['1.0000', '1.0000']

    Source: Nibali et al. 2018, section 3, on windows; Ono et al. 2018, "LF-Net", section 3.1.
    """
    _check_windows(input, ("H", "W"), kernel_size, stride, padding, temperature)
    (y, x), value = _means(input, kernel_size, stride, padding, temperature, normalized_coordinates)
    points = torch.stack([x, y], dim=2)
    return (points, value) if output_value else points


@op
def conv_soft_argmax3d(
    input: Float[Tensor, "batch channels depth height width"],
    kernel_size: tuple[int, int, int] = (3, 3, 3),
    stride: tuple[int, int, int] = (1, 1, 1),
    padding: tuple[int, int, int] = (1, 1, 1),
    temperature: Tensor | float = 1.0,
    normalized_coordinates: bool = False,
    eps: float = 1e-8,
    output_value: bool = True,
    strict_maxima_bonus: float | None = None,
) -> (
    Float[Tensor, "batch channels 3 out_depth out_height out_width"]
    | tuple[
        Float[Tensor, "batch channels 3 out_depth out_height out_width"],
        Float[Tensor, "batch channels out_depth out_height out_width"],
    ]
):
    """Return the soft-argmax (depth, x, y) of every window of each volume, such as the scale space of an image.

    Args:
        input: scores, (B, C, D, H, W).
        kernel_size: depth, height and width of the window.
        stride: steps from one window to the next, as `kernel_size`.
        padding: voxels added on each side, as in `conv_soft_argmax2d`.
        temperature: positive divisor of the scores, a number or a tensor that broadcasts to (B, C, 1, 1, 1).
        normalized_coordinates: return coordinates in [-1, 1], corners aligned; else in voxels.
        eps: has no effect; Kornia has it.
        output_value: return the mean score of every window under its softmax as well.
        strict_maxima_bonus: has no effect but a DeprecationWarning, as in Kornia; strict maxima are `nms3d`'s.

    Returns:
        Coordinates (depth, x, y) in the whole volume, (B, C, 3, D', H', W'); with `output_value` the values too,
        (B, C, D', H', W').

    Raises:
        TypeError, ValueError: as `conv_soft_argmax2d` does.

    Convention: pixel centres are on integers; depth comes first, then x before y.

    >>> points, value = conv_soft_argmax3d(torch.zeros(1, 1, 3, 3, 5), padding=(0, 0, 0))
    >>> points[0, 0, :, 0, 0]
    tensor([[1., 1., 1.],
            [1., 2., 3.],
            [1., 1., 1.]])

    Source: as `conv_soft_argmax2d`.
    """
    _check_windows(input, ("D", "H", "W"), kernel_size, stride, padding, temperature)
    if strict_maxima_bonus is not None:
        warnings.warn(
            "strict_maxima_bonus has no effect, see nms3d for strict maxima", DeprecationWarning, stacklevel=3
        )
    (depth, y, x), value = _means(input, kernel_size, stride, padding, temperature, normalized_coordinates)
    points = torch.stack([depth, x, y], dim=2)
    return (points, value) if output_value else points


class ConvSoftArgmax2d(module(conv_soft_argmax2d)): ...


class ConvSoftArgmax3d(module(conv_soft_argmax3d)): ...


def _check_windows(
    input: Tensor,
    axes: tuple[str, ...],
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    temperature: Tensor | float,
) -> None:
    check_floating(input, "input")
    check_shape(input, "input", "B", "C", *axes)
    check_size(kernel_size, "kernel_size", len(axes))
    check_size(stride, "stride", len(axes))
    check_size(padding, "padding", len(axes), smallest=0)
    check_positive(temperature, "temperature")
    # A window must hold a pixel of the map; half of it does on either side.
    if any(2 * pad > size for pad, size in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"padding must be at most half of kernel_size {tuple(kernel_size)}, got {tuple(padding)}")
    sizes = input.shape[2:]
    if any(window > size + 2 * pad for window, size, pad in zip(kernel_size, sizes, padding, strict=True)):
        raise ValueError(f"kernel_size must fit in the padded input {tuple(sizes)}, got {tuple(kernel_size)}")
    if isinstance(temperature, Tensor) and any(size != 1 for size in temperature.shape[2 - input.ndim :]):
        raise ValueError(f"temperature must be the same all over a map, got shape {tuple(temperature.shape)}")


def _means(
    input: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    temperature: Tensor | float,
    normalized: bool,
) -> tuple[list[Tensor], Tensor]:
    """Return the mean coordinate along each axis and the mean score of every window under its softmax.

    The window's positions are taken one after the other, so that memory does not grow with their number.
    """
    sizes = input.shape[2:]
    scores = input.to(torch.promote_types(input.dtype, torch.float32))
    scores = F.pad(scores, [pad for pad in reversed(padding) for _ in range(2)], value=-torch.inf)
    places = list(itertools.product(*map(range, kernel_size)))
    # A softmax is the same whatever it is shifted by, so that no gradient flows through the shift.
    peak = functools.reduce(torch.maximum, _shifted(scores.detach(), places, kernel_size, stride))
    total = value = torch.zeros_like(peak)
    offsets = [torch.zeros_like(peak) for _ in sizes]
    for place, score in zip(places, _shifted(scores, places, kernel_size, stride), strict=True):
        # -inf has weight 0; it is taken out before it meets the temperature, whose gradient would be NaN.
        absent = score == -torch.inf
        weight = torch.where(absent, 0, (torch.where(absent, peak, score) - peak) / temperature).exp() * ~absent
        total = total + weight
        value = value + weight * torch.where(absent, 0, score)
        offsets = [offset + weight * step for offset, step in zip(offsets, place, strict=True)]
    means: list[Tensor] = []
    for axis, offset in enumerate(offsets):
        first = torch.arange(peak.shape[2 + axis], dtype=peak.dtype, device=peak.device) * stride[axis] - padding[axis]
        pixels = first.view(-1, *[1] * (len(sizes) - axis - 1)) + offset / total
        means.append((_corner_aligned(pixels, sizes[axis]) if normalized else pixels).to(input.dtype))
    return means, (value / total).to(input.dtype)


def _shifted(
    scores: Tensor, places: list[tuple[int, ...]], kernel_size: Sequence[int], stride: Sequence[int]
) -> Iterator[Tensor]:
    """Yield for each place in the window the scores that all windows have there."""
    ends = [size - window + 1 for size, window in zip(scores.shape[2:], kernel_size, strict=True)]
    for place in places:
        yield scores[..., *(slice(p, p + end, step) for p, end, step in zip(place, ends, stride, strict=True))]


def _corner_aligned(pixels: Tensor, size: int) -> Tensor:
    """Return pixel coordinates on the scale that has -1 and 1 at the centres of the outer pixels."""
    return 2 * pixels / (size - 1) - 1 if size > 1 else 0 * pixels
