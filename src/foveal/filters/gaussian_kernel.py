# SPDX-License-Identifier: Apache-2.0
"""Gaussian kernels: sampled, integrated over pixels, and the discrete Gaussian of scale space."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_shape, check_size
from foveal._op import op


@op
def gaussian(
    window_size: int,
    sigma: Tensor | float,
    *,
    mean: Tensor | float | None = None,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch window_size"]:
    """Sample a Gaussian at the pixels of a window, scaled to sum to one.

    Args:
        window_size: number of taps.
        sigma: standard deviation in pixels, a number or a tensor (B, 1); zero gives the nearest tap all weight.
        mean: place of the maximum, a number or a tensor (B, 1); by default `window_size // 2`. An even window moves it
            back by half a pixel.
        device: of the kernel, where `sigma` is a number.
        dtype: of the kernel, where `sigma` is a number; by default torch's.

    Returns:
        Kernels, (B, window_size).

    Raises:
        TypeError: `dtype` is not a floating-point one.
        ValueError: a tensor is not (B, 1).

    >>> gaussian(3, 1.0)
    tensor([[0.2741, 0.4519, 0.2741]])
    """
    sigma = _deviations(sigma, 1, device, dtype)
    if isinstance(mean, Tensor):
        check_shape(mean, "mean", "B", 1)
        mean = mean.to(sigma.dtype)
    offsets, deviations = _offsets(window_size, sigma, mean)
    # The square less that of the nearest tap, as a product: it is 0 there, however small the deviation.
    nearest = offsets.detach().abs().min(dim=-1, keepdim=True).values if window_size else offsets
    exponents = ((offsets - nearest) / deviations) * ((offsets + nearest) / deviations)
    return (-exponents / 2).softmax(dim=-1).to(sigma.dtype)


@op
def get_gaussian_kernel1d(
    kernel_size: int,
    sigma: Tensor | float,
    force_even: bool = False,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch kernel_size"]:
    """Sample a Gaussian at the pixels of a window around its centre.

    Args:
        kernel_size: number of taps, odd unless `force_even`.
        sigma: standard deviation in pixels, a number or a tensor (B, 1).
        force_even: allow an even `kernel_size`, its centre halfway between the two middle taps.
        device: of the kernel, where `sigma` is a number.
        dtype: of the kernel, where `sigma` is a number; by default torch's.

    Returns:
        Kernels that sum to one, (B, kernel_size).

    Raises:
        TypeError: `kernel_size` is not an integer, or `dtype` not a floating-point one.
        ValueError: `kernel_size` is even or not positive, or `sigma` is not (B, 1).

    >>> get_gaussian_kernel1d(5, 1.5)
    tensor([[0.1201, 0.2339, 0.2921, 0.2339, 0.1201]])
    """
    check_window(kernel_size, force_even)
    return gaussian.reference(kernel_size, sigma, device=device, dtype=dtype)


@op
def get_gaussian_erf_kernel1d(
    kernel_size: int,
    sigma: Tensor | float,
    force_even: bool = False,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch kernel_size"]:
    """Integrate a Gaussian over each pixel of a window around its centre.

    Args:
        kernel_size: number of taps, odd unless `force_even`.
        sigma: standard deviation in pixels, a number or a tensor (B, 1).
        force_even: as in `get_gaussian_kernel1d`.
        device: of the kernel, where `sigma` is a number.
        dtype: of the kernel, where `sigma` is a number; by default torch's.

    Returns:
        Kernels that sum to one, (B, kernel_size).

    Raises:
        TypeError: `kernel_size` is not an integer, or `dtype` not a floating-point one.
        ValueError: `kernel_size` is even or not positive, or `sigma` is not (B, 1).

    >>> get_gaussian_erf_kernel1d(5, 1.0)
    tensor([[0.0614, 0.2448, 0.3877, 0.2448, 0.0614]])
    """
    check_window(kernel_size, force_even)
    sigma = _deviations(sigma, 1, device, dtype)
    offsets, deviations = _offsets(kernel_size, sigma, None)
    scale = math.sqrt(0.5) / deviations
    near = (offsets.abs() - 0.5) * scale
    # The complement keeps the digits of the tails, on the side where it is small.
    taps = torch.erfc(near) - torch.erfc(near + scale)
    return (taps / taps.sum(dim=-1, keepdim=True)).to(sigma.dtype)


@op
def get_gaussian_discrete_kernel1d(
    kernel_size: int,
    sigma: Tensor | float,
    force_even: bool = False,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch kernel_size"]:
    """Return the discrete Gaussian, the kernel under which scale space on pixels is a semigroup.

    Args:
        kernel_size: number of taps, odd.
        sigma: standard deviation in pixels, a number or a tensor (B, 1).
        force_even: has no effect: the kernel is defined at whole pixels around its centre.
        device: of the kernel, where `sigma` is a number.
        dtype: of the kernel, where `sigma` is a number; by default torch's.

    Returns:
        The values of e^-t I_n(t) at t = sigma^2, scaled to sum to one over the window, (B, kernel_size).

    Raises:
        TypeError: `kernel_size` is not an integer, or `dtype` not a floating-point one.
        ValueError: `kernel_size` is even or not positive, or `sigma` is not (B, 1).

    >>> get_gaussian_discrete_kernel1d(5, 1.0)
    tensor([[0.0509, 0.2118, 0.4746, 0.2118, 0.0509]])

    Source: Lindeberg 1990, "Scale-space for discrete signals". Ratios of Bessel functions by their continued fraction,
    begun with the bounds of Amos 1974, "Computation of modified Bessel functions and their ratios".
    """
    check_window(kernel_size)
    sigma = _deviations(sigma, 1, device, dtype)
    variance = sigma.to(torch.promote_types(sigma.dtype, torch.float32)) ** 2
    reach = kernel_size // 2
    first = reach + _EXTRA
    ratio = variance / (first + 0.5 + ((first + 1.5) ** 2 + variance**2).sqrt())
    ratios = []
    for order in range(first, 0, -1):
        ratio = variance / (2 * order + variance * ratio)
        if order <= reach:
            ratios.append(ratio)
    side = torch.cat([torch.ones_like(variance), *reversed(ratios)], dim=-1)
    side = side.cumprod(dim=-1)
    taps = torch.cat([side[:, 1:].flip(-1), side], dim=-1)
    return (taps / taps.sum(dim=-1, keepdim=True)).to(sigma.dtype)


@op
def get_gaussian_kernel2d(
    kernel_size: tuple[int, int] | int,
    sigma: Tensor | tuple[float, float],
    force_even: bool = False,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch rows columns"]:
    """Sample a Gaussian at the pixels of a 2-D window around its centre.

    Args:
        kernel_size: taps (y, x), odd unless `force_even`, or one number for both.
        sigma: standard deviations (y, x) in pixels, two numbers or a tensor (B, 2).
        force_even: as in `get_gaussian_kernel1d`.
        device: of the kernel, where `sigma` are numbers.
        dtype: of the kernel, where `sigma` are numbers; by default torch's.

    Returns:
        Kernels that sum to one, (B, kY, kX).

    Raises:
        TypeError: `kernel_size` is neither an integer nor a tuple, or `dtype` not a floating-point one.
        ValueError: a side is even or not positive, or `sigma` is not (B, 2).

    >>> get_gaussian_kernel2d((1, 3), (1.0, 1.0))
    tensor([[[0.2741, 0.4519, 0.2741]]])
    """
    y, x = _axes(kernel_size, sigma, 2, force_even, device, dtype)
    return y[:, :, None] * x[:, None, :]


@op
def get_gaussian_kernel3d(
    kernel_size: tuple[int, int, int] | int,
    sigma: Tensor | tuple[float, float, float],
    force_even: bool = False,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch planes rows columns"]:
    """Sample a Gaussian at the pixels of a 3-D window around its centre.

    Args:
        kernel_size: taps (z, y, x), odd unless `force_even`, or one number for all.
        sigma: standard deviations (z, y, x) in pixels, three numbers or a tensor (B, 3).
        force_even: as in `get_gaussian_kernel1d`.
        device: of the kernel, where `sigma` are numbers.
        dtype: of the kernel, where `sigma` are numbers; by default torch's.

    Returns:
        Kernels that sum to one, (B, kZ, kY, kX).

    Raises:
        TypeError: `kernel_size` is neither an integer nor a tuple, or `dtype` not a floating-point one.
        ValueError: a side is even or not positive, or `sigma` is not (B, 3).

    >>> get_gaussian_kernel3d((1, 1, 3), (1.0, 1.0, 1.0))
    tensor([[[[0.2741, 0.4519, 0.2741]]]])
    """
    z, y, x = _axes(kernel_size, sigma, 3, force_even, device, dtype)
    return z[:, :, None, None] * y[:, None, :, None] * x[:, None, None, :]


# Terms of the continued fraction before those that count: errors of the bound shrink with each.
_EXTRA = 48


def check_window(kernel_size: int, force_even: bool = False) -> None:
    """Raise unless this is the size of a window around a pixel."""
    if not isinstance(kernel_size, int):
        raise TypeError(f"kernel_size must be an integer, got {type(kernel_size).__name__}")
    if kernel_size < 1 or (kernel_size % 2 == 0 and not force_even):
        raise ValueError(f"kernel_size must be positive{'' if force_even else ' and odd'}, got {kernel_size}")


def _axes(
    kernel_size: tuple[int, ...] | int,
    sigma: Tensor | tuple[float, ...],
    count: int,
    force_even: bool,
    device: torch.device | None,
    dtype: torch.dtype | None,
) -> list[Tensor]:
    """Return the kernel along each axis."""
    sides = (kernel_size,) * count if isinstance(kernel_size, int) else kernel_size
    check_size(sides, "kernel_size", count)
    sigma = _deviations(sigma, count, device, dtype)
    return [
        get_gaussian_kernel1d.reference(side, sigma[:, axis : axis + 1], force_even) for axis, side in enumerate(sides)
    ]


def _deviations(
    sigma: Tensor | float | tuple[float, ...], count: int, device: torch.device | None, dtype: torch.dtype | None
) -> Tensor:
    """Return standard deviations as a floating-point tensor (B, count)."""
    if dtype is not None and not dtype.is_floating_point:
        raise TypeError(f"dtype must be a floating-point one, got {dtype}")
    if not isinstance(sigma, Tensor):
        sigma = torch.tensor(sigma, dtype=dtype or torch.get_default_dtype(), device=device).reshape(1, -1)
    check_shape(sigma, "sigma", "B", count)
    return sigma if sigma.is_floating_point() else sigma.to(torch.get_default_dtype())


def _offsets(size: int, sigma: Tensor, mean: Tensor | float | None) -> tuple[Tensor, Tensor]:
    """Return the distances of the taps from the centre and safe deviations, in at least float32."""
    wide = torch.promote_types(sigma.dtype, torch.float32)
    taps = torch.arange(size, dtype=wide, device=sigma.device)
    centre = size // 2 if mean is None else mean
    centre = centre - 0.5 if size % 2 == 0 else centre
    offsets = (taps - centre).expand(sigma.shape[0], size)
    return offsets, sigma.to(wide).abs().clamp(min=torch.finfo(wide).eps)
