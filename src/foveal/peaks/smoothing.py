# SPDX-License-Identifier: Apache-2.0
"""Gaussian smoothing of maps before their peaks are sought."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from foveal._check import check_floating, check_option, check_positive, check_shape
from foveal._op import op

BORDERS = ("constant", "reflect", "replicate", "circular")


def ensure_odd(x: float) -> int:
    """Return a whole number of at least 0 made odd: an even one goes up by one.

    Args:
        x: the number; of one with a fraction, the whole part counts.

    >>> ensure_odd(4), ensure_odd(5)
    (5, 5)
    """
    return int(x // 2) * 2 + 1


@op
def make_gaussian_kernel(
    size: int,
    sigma: Tensor | float,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | None = None,
) -> Float[Tensor, "size size"]:
    """Return a square Gaussian whose maximum, at the centre, is 1.

    Args:
        size: side of the kernel in pixels; an even one is made odd by `ensure_odd`, so that its centre is a pixel.
        sigma: standard deviation in pixels, a number or a tensor of no dimension.
        dtype: of the kernel; by default that of `sigma`, or torch's default for a number.
        device: of the kernel; by default that of `sigma`.

    Returns:
        The kernel, (size, size). Divided by 2 * pi * sigma^2 it is the normal density.

    Raises:
        ValueError: `size` is not positive, or `sigma` is a number that is not.

    >>> make_gaussian_kernel(3, 1.0)
    tensor([[0.3679, 0.6065, 0.3679],
            [0.6065, 1.0000, 0.6065],
            [0.3679, 0.6065, 0.3679]])
    """
    check_positive(size, "size")
    check_positive(sigma, "sigma")
    if not isinstance(sigma, Tensor):
        sigma = torch.tensor(sigma, dtype=dtype or torch.get_default_dtype(), device=device)
    sigma = sigma.to(device=device, dtype=dtype)
    profile = _profile(size, sigma)
    return profile[:, None] * profile


@op
def smooth_imgs(
    imgs: Float[Tensor, "samples channels height width"],
    kernel_size: int = 5,
    sigma: Tensor | float = 1.0,
    *,
    border_type: str = "constant",
) -> Float[Tensor, "samples channels height width"]:
    """Smooth each channel by itself with a Gaussian whose weights sum to one.

    Args:
        imgs: (samples, channels, height, width).
        kernel_size: side of the window in pixels; an even one is made odd by `ensure_odd`.
        sigma: standard deviation in pixels, a number or a tensor of no dimension.
        border_type: what lies outside the image: `"constant"` is zero (SLEAP's), which darkens the border and so draws
            its peaks inwards; `"reflect"` mirrors about the outer pixels, `"replicate"` repeats them, `"circular"`
            goes on at the other side.

    Returns:
        Smoothed images of the same shape.

    Raises:
        TypeError: `imgs` is not a floating-point tensor.
        ValueError: `imgs` has not four dimensions, `kernel_size` or `sigma` is not positive, `border_type` is
            unknown, or needs pixels farther inside than the image reaches.

    >>> smooth_imgs(torch.ones(1, 1, 1, 5), 3)
    tensor([[[[0.3280, 0.4519, 0.4519, 0.4519, 0.3280]]]])
    """
    check_floating(imgs, "imgs")
    check_shape(imgs, "imgs", "samples", "channels", "height", "width")
    check_positive(kernel_size, "kernel_size")
    check_positive(sigma, "sigma")
    check_option(border_type, "border_type", BORDERS)
    profile = _profile(kernel_size, torch.as_tensor(sigma, dtype=imgs.dtype, device=imgs.device))
    profile = profile / profile.sum()
    reach = len(profile) // 2
    if border_type in ("reflect", "circular") and min(imgs.shape[2:]) < reach + (border_type == "reflect"):
        raise ValueError(f"imgs must be larger than a reach of {reach} pixels, got {tuple(imgs.shape)}")
    maps = functional.pad(imgs.flatten(0, 1)[:, None], [reach] * 4, mode=border_type)
    lines = functional.conv2d(maps, profile.view(1, 1, 1, -1))
    return functional.conv2d(lines, profile.view(1, 1, -1, 1)).view(imgs.shape)


def _profile(size: int, sigma: Tensor) -> Float[Tensor, " size"]:
    reach = ensure_odd(size) // 2
    offsets = torch.arange(-reach, reach + 1, dtype=sigma.dtype, device=sigma.device)
    return torch.exp(-((offsets / sigma) ** 2) / 2)
