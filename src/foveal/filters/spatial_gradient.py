# SPDX-License-Identifier: Apache-2.0
"""Derivatives of images and volumes by stencils."""

from functools import reduce
from operator import add

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._border import pad
from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_images, narrow, widen
from foveal.filters.gradient_kernels import PRODUCTS, RESPONSES, check_mode


@op
def spatial_gradient(
    input: Real[Tensor, "batch channels height width"], mode: str = "sobel", order: int = 1, normalized: bool = True
) -> Float[Tensor, "batch channels derivatives height width"]:
    """Differentiate images along x and y.

    Args:
        input: images, (B, C, H, W); integers are taken as float32.
        mode: "sobel" (smoothed across) or "diff" (central differences), in any case.
        order: of the derivatives, 1 or 2.
        normalized: estimate the derivative itself; else return what the integer stencils answer.

    Returns:
        (d/dx, d/dy), (B, C, 2, H, W); for order 2 (d2/dx2, d2/dxdy, d2/dy2), (B, C, 3, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers.
        ValueError: `input` has not four dimensions, or `mode` or `order` is none of these.

    Convention: positive where values rise with the column (x) and the row (y); the border is replicated.

    >>> ramp = torch.arange(5.0).expand(1, 1, 3, 5)
    >>> spatial_gradient(ramp)[0, 0, 0, 1]
    tensor([0.5000, 1.0000, 1.0000, 1.0000, 0.5000])

    Source: Sobel and Feldman 1968, "A 3x3 isotropic gradient operator for image processing".
    """
    check_images(input, "input")
    mode = check_mode(mode, order, ("sobel", "diff"))
    products, responses = PRODUCTS[mode, order], RESPONSES[mode, order]
    padded = pad(widen(input), (len(products[0][0]) // 2,) * 4, "replicate")
    derivatives = [_correlated(_correlated(padded, column, -2), row, -1) for column, row in products]
    if normalized:
        derivatives = [derivative / response for derivative, response in zip(derivatives, responses, strict=True)]
    return narrow(torch.stack(derivatives, dim=2), input)


class SpatialGradient(module(spatial_gradient)): ...


@op
def spatial_gradient3d(
    input: Real[Tensor, "batch channels depth height width"], mode: str = "diff", order: int = 1
) -> Float[Tensor, "batch channels derivatives depth height width"]:
    """Differentiate volumes along x, y and z by central differences.

    Args:
        input: volumes, (B, C, D, H, W); integers are taken as float32.
        mode: "diff", in any case.
        order: of the derivatives, 1 or 2.

    Returns:
        The derivatives along x, y and z, (B, C, 3, D, H, W); for order 2 along xx, yy, zz, xy, yz and xz,
        (B, C, 6, D, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers.
        ValueError: `input` has not five dimensions, or `mode` or `order` is none of these.

    Convention: the border is replicated.

    >>> ramp = torch.arange(4.0).expand(1, 1, 2, 2, 4)
    >>> spatial_gradient3d(ramp)[0, 0, 0, 0, 0]
    tensor([0.5000, 1.0000, 1.0000, 0.5000])
    """
    check_images(input, "input", "B", "C", "D", "H", "W")
    check_mode(mode, order, ("diff",))
    volume = widen(input)
    padded = pad(volume, (1,) * 6, "replicate")
    depth, height, width = input.shape[2:]

    def shifted(x: int = 0, y: int = 0, z: int = 0) -> Tensor:
        return padded[..., 1 + z : 1 + z + depth, 1 + y : 1 + y + height, 1 + x : 1 + x + width]

    axes = {"x": 1}, {"y": 1}, {"z": 1}
    if order == 1:
        slopes = [(shifted(**axis) - shifted(**_opposite(axis))) / 2 for axis in axes]
        return narrow(torch.stack(slopes, dim=2), input)
    bends = [shifted(**axis) - 2 * volume + shifted(**_opposite(axis)) for axis in axes]
    for first, second in (("x", "y"), ("y", "z"), ("x", "z")):
        same = shifted(**{first: 1, second: 1}) + shifted(**{first: -1, second: -1})
        bends.append((same - shifted(**{first: 1, second: -1}) - shifted(**{first: -1, second: 1})) / 4)
    return narrow(torch.stack(bends, dim=2), input)


class SpatialGradient3d(module(spatial_gradient3d)): ...


def _correlated(padded: Tensor, taps: tuple[int, ...], axis: int) -> Tensor:
    """Sum the taps times the pixels behind them along an axis, where all taps lie inside."""
    size = padded.shape[axis] - len(taps) + 1
    terms = [tap * padded.narrow(axis, place, size) for place, tap in enumerate(taps) if tap]
    return reduce(add, terms)


def _opposite(shift: dict[str, int]) -> dict[str, int]:
    return {axis: -pixels for axis, pixels in shift.items()}
