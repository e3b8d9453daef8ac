# SPDX-License-Identifier: Apache-2.0
"""Kernels that are given by their size alone: box, Hann window, Laplacian."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_positive
from foveal.filters._correlate import pair


def get_box_kernel1d(
    kernel_size: int, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Float[Tensor, "1 kernel_size"]:
    """Return the mean over a window as a kernel.

    Args:
        kernel_size: number of taps.
        device: of the kernel.
        dtype: of the kernel; by default torch's.

    Returns:
        The kernel, (1, kernel_size).

    Raises:
        TypeError: `kernel_size` is not a number.
        ValueError: `kernel_size` is not positive.

    >>> get_box_kernel1d(4)
    tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """
    check_positive(kernel_size, "kernel_size")
    return torch.full((1, kernel_size), 1 / kernel_size, device=device, dtype=dtype or torch.get_default_dtype())


def get_box_kernel2d(
    kernel_size: tuple[int, int] | int, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Float[Tensor, "1 rows columns"]:
    """Return the mean over a 2-D window as a kernel.

    Args:
        kernel_size: taps (y, x), or one number for both.
        device: of the kernel.
        dtype: of the kernel; by default torch's.

    Returns:
        The kernel, (1, kY, kX).

    Raises:
        TypeError: `kernel_size` is neither an integer nor a tuple.
        ValueError: a side is not positive.

    >>> get_box_kernel2d((1, 2))
    tensor([[[0.5000, 0.5000]]])
    """
    y, x = pair(kernel_size, "kernel_size")
    return torch.full((1, y, x), 1 / (y * x), device=device, dtype=dtype or torch.get_default_dtype())


def get_hanning_kernel1d(
    kernel_size: int, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Float[Tensor, " kernel_size"]:
    """Return a Hann window: a raised cosine that is zero at both ends.

    Args:
        kernel_size: number of taps, at least 3.
        device: of the window.
        dtype: of the window; by default torch's.

    Returns:
        The window, (kernel_size,).

    Raises:
        ValueError: `kernel_size` is less than 3.

    >>> get_hanning_kernel1d(4)
    tensor([0.0000, 0.7500, 0.7500, 0.0000])
    """
    if kernel_size < 3:
        raise ValueError(f"kernel_size must be at least 3, got {kernel_size}")
    dtype = dtype or torch.get_default_dtype()
    angles = torch.arange(kernel_size, device=device, dtype=torch.float64) * (2 * torch.pi / (kernel_size - 1))
    return (0.5 - 0.5 * angles.cos()).to(dtype)


def get_hanning_kernel2d(
    kernel_size: tuple[int, int] | int,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "rows columns"]:
    """Return the product of two Hann windows.

    Args:
        kernel_size: taps (y, x), each at least 3, or one number for both.
        device: of the window.
        dtype: of the window; by default torch's.

    Returns:
        The window, (kY, kX).

    Raises:
        TypeError: `kernel_size` is neither an integer nor a tuple.
        ValueError: a side is less than 3.

    >>> get_hanning_kernel2d(3)
    tensor([[0., 0., 0.],
            [0., 1., 0.],
            [0., 0., 0.]])
    """
    y, x = pair(kernel_size, "kernel_size")
    where = None if device is None else torch.device(device)
    return get_hanning_kernel1d(y, where, dtype)[:, None] * get_hanning_kernel1d(x, where, dtype)


def laplacian_1d(
    window_size: int, *, device: torch.device | None = None, dtype: torch.dtype = torch.float32
) -> Float[Tensor, " window_size"]:
    """Return ones around a middle that makes their sum zero.

    Args:
        window_size: number of taps; of an even one the tap behind the middle takes the negative weight.
        device: of the kernel.
        dtype: of the kernel.

    Returns:
        The kernel, (window_size,).

    Raises:
        TypeError: `window_size` is not a number.
        ValueError: `window_size` is not positive.

    >>> laplacian_1d(3)
    tensor([ 1., -2.,  1.])
    """
    check_positive(window_size, "window_size")
    taps = [1] * window_size
    taps[window_size // 2] = 1 - window_size
    return torch.tensor(taps, device=device, dtype=dtype)


def get_laplacian_kernel1d(
    kernel_size: int, *, device: torch.device | None = None, dtype: torch.dtype = torch.float32
) -> Float[Tensor, " kernel_size"]:
    """Return the Laplacian of a line: ones around a middle that makes their sum zero.

    Args:
        kernel_size: number of taps, odd.
        device: of the kernel.
        dtype: of the kernel.

    Returns:
        The kernel, (kernel_size,).

    Raises:
        TypeError: `kernel_size` is not an integer.
        ValueError: `kernel_size` is even or not positive.

    >>> get_laplacian_kernel1d(5)
    tensor([ 1.,  1., -4.,  1.,  1.])
    """
    pair(kernel_size, "kernel_size", odd=True)
    return laplacian_1d(kernel_size, device=device, dtype=dtype)


def get_laplacian_kernel2d(
    kernel_size: tuple[int, int] | int, *, device: torch.device | None = None, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "rows columns"]:
    """Return the Laplacian of an image: ones around a middle that makes their sum zero.

    Args:
        kernel_size: taps (y, x), odd, one of them at least 3; or one number for both.
        device: of the kernel.
        dtype: of the kernel.

    Returns:
        The kernel, (kY, kX).

    Raises:
        TypeError: `kernel_size` is neither an integer nor a tuple.
        ValueError: a side is even or not positive, or both are 1.

    >>> get_laplacian_kernel2d(3)
    tensor([[ 1.,  1.,  1.],
            [ 1., -8.,  1.],
            [ 1.,  1.,  1.]])
    """
    y, x = laplacian_window(kernel_size)
    return laplacian_1d(y * x, device=device, dtype=dtype).view(y, x)


def laplacian_window(kernel_size: tuple[int, int] | int) -> tuple[int, int]:
    """Return the sides (y, x) of a Laplacian kernel; raise where there is none of this size."""
    y, x = pair(kernel_size, "kernel_size", odd=True)
    if y * x == 1:
        raise ValueError(f"kernel_size must be at least 3 along one axis, got {kernel_size}")
    return y, x
