# SPDX-License-Identifier: Apache-2.0
"""Stencils of the derivatives of images and volumes."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_option

_SMOOTH, _SLOPE = (1, 2, 1), (-1, 0, 1)
_SMOOTH_TWICE, _SLOPE_SMOOTHED, _CURVE = (1, 4, 6, 4, 1), (-1, -2, 0, 2, 1), (1, 0, -2, 0, 1)
_ONE, _BEND = (0, 1, 0), (1, -2, 1)
PRODUCTS = {
    ("sobel", 1): ((_SMOOTH, _SLOPE), (_SLOPE, _SMOOTH)),
    ("sobel", 2): ((_SMOOTH_TWICE, _CURVE), (_SLOPE_SMOOTHED, _SLOPE_SMOOTHED), (_CURVE, _SMOOTH_TWICE)),
    ("diff", 1): ((_ONE, _SLOPE), (_SLOPE, _ONE)),
    ("diff", 2): ((_ONE, _BEND), (_SLOPE, _SLOPE), (_BEND, _ONE)),
}
"""The stencils of images by mode and order: each is the product of a column and a row, (column, row)."""

RESPONSES = {("sobel", 1): (8, 8), ("sobel", 2): (64, 64, 64), ("diff", 1): (2, 2), ("diff", 2): (1, 4, 1)}
"""What each stencil answers to a slope or a second derivative of one."""


def get_sobel_kernel2d(
    *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Float[Tensor, "2 3 3"]:
    """Return Sobel's stencils of the first derivatives along x and y: `get_spatial_gradient_kernel2d("sobel", 1)`.

    >>> get_sobel_kernel2d()[0]
    tensor([[-1.,  0.,  1.],
            [-2.,  0.,  2.],
            [-1.,  0.,  1.]])
    """
    return get_spatial_gradient_kernel2d("sobel", 1, device=device, dtype=dtype)


def get_diff_kernel2d(
    *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Float[Tensor, "2 3 3"]:
    """Return the stencils of the central differences along x and y: `get_spatial_gradient_kernel2d("diff", 1)`.

    >>> get_diff_kernel2d()[0]
    tensor([[ 0.,  0.,  0.],
            [-1.,  0.,  1.],
            [ 0.,  0.,  0.]])
    """
    return get_spatial_gradient_kernel2d("diff", 1, device=device, dtype=dtype)


def get_spatial_gradient_kernel2d(
    mode: str, order: int, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Float[Tensor, "derivatives size size"]:
    """Return the stencils of the derivatives of images, to be correlated with them.

    Args:
        mode: "sobel" or "diff", in any case.
        order: of the derivatives, 1 or 2.
        device: of the result.
        dtype: of the result.

    Returns:
        Order 1: d/dx and d/dy, (2, 3, 3). Order 2: d2/dx2, d2/dxdy and d2/dy2, (3, 5, 5) by Sobel, (3, 3, 3) by
        differences. Integers: Sobel answers 8 to a slope and 64 to a second derivative of one, differences answer 2,
        and 1, 4 and 1.

    Raises:
        ValueError: `mode` or `order` is none of these.

    >>> get_spatial_gradient_kernel2d("diff", 2)[1]
    tensor([[ 1.,  0., -1.],
            [ 0.,  0.,  0.],
            [-1.,  0.,  1.]])

    Source: Sobel and Feldman 1968, "A 3x3 isotropic gradient operator for image processing".
    """
    mode = check_mode(mode, order, ("sobel", "diff"))
    kernels = [[[down * along for along in row] for down in column] for column, row in PRODUCTS[mode, order]]
    return torch.tensor(kernels, device=device, dtype=dtype or torch.get_default_dtype())


def get_spatial_gradient_kernel3d(
    mode: str, order: int, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Float[Tensor, "derivatives 1 3 3 3"]:
    """Return the stencils of the derivatives of volumes by central differences, to be correlated with them.

    Args:
        mode: "diff", in any case.
        order: of the derivatives, 1 or 2.
        device: of the result.
        dtype: of the result, floating-point.

    Returns:
        Order 1: along x, y and z, (3, 1, 3, 3, 3). Order 2: along xx, yy, zz, xy, yz and xz, (6, 1, 3, 3, 3). Each
        answers one to a slope or a second derivative of one.

    Raises:
        TypeError: `dtype` is not a floating-point one.
        ValueError: `mode` or `order` is none of these.

    >>> get_spatial_gradient_kernel3d("diff", 1)[0, 0, 1, 1]
    tensor([-0.5000,  0.0000,  0.5000])
    """
    check_mode(mode, order, ("diff",))
    dtype = dtype or torch.get_default_dtype()
    if not dtype.is_floating_point:
        raise TypeError(f"dtype must be a floating-point dtype, got {dtype}")
    one, slope, bend = _ONE, tuple(tap / 2 for tap in _SLOPE), _BEND
    if order == 1:
        axes = [(one, one, slope), (one, slope, one), (slope, one, one)]
    else:
        axes = [(one, one, bend), (one, bend, one), (bend, one, one)]
        axes += [(one, slope, slope), (slope, slope, one), (slope, one, slope)]
    kernels = [[[[[a * b * c for c in x] for b in y] for a in z]] for z, y, x in axes]
    return torch.tensor(kernels, device=device, dtype=dtype)


def check_mode(mode: str, order: int, modes: tuple[str, ...]) -> str:
    """Raise unless there are stencils of this mode and order; return the mode in lower case."""
    if not isinstance(mode, str):
        raise TypeError(f"mode must be a string, got {type(mode).__name__}")
    check_option(mode.lower(), "mode", modes)
    check_option(order, "order", (1, 2))
    return mode.lower()
