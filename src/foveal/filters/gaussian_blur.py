# SPDX-License-Identifier: Apache-2.0
"""Gaussian blur, and the sharpening that it serves."""

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._check import check_positive, check_shape
from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_border, check_images, correlate, encode, narrow, pair, widen
from foveal.filters.gaussian_kernel import get_gaussian_kernel1d


@op
def gaussian_blur2d(
    input: Real[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | int,
    sigma: tuple[float, float] | Float[Tensor, "kernels 2"],
    border_type: str = "reflect",
    separable: bool = True,
) -> Real[Tensor, "batch channels height width"]:
    """Blur images with a Gaussian.

    Args:
        input: images, (B, C, H, W); bytes give bytes, other integers are blurred as float32.
        kernel_size: taps (y, x) of the window, odd, or one number for both.
        sigma: standard deviations (y, x) in pixels: two numbers, or a tensor (1, 2) or (B, 2), a pair for each image.
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular".
        separable: has no effect: the blur is separable.

    Returns:
        Images, (B, C, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers, or `sigma` neither a tuple nor a tensor.
        ValueError: a wrong shape, an even `kernel_size`, an unknown `border_type`, or a `sigma` that is a number and
            not positive.

    Convention: the weights of the taps sum to one, as in OpenCV.

    >>> gaussian_blur2d(torch.tensor([[[[0.0, 1.0, 0.0]]]]), (1, 3), (1.0, 1.0))
    tensor([[[[0.5481, 0.4519, 0.5481]]]])
    """
    return encode(blurred(input, kernel_size, sigma, border_type), input)


class GaussianBlur2d(module(gaussian_blur2d, inputs=("input",))): ...


@op
def unsharp_mask(
    input: Real[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | int,
    sigma: tuple[float, float] | Float[Tensor, "kernels 2"],
    border_type: str = "reflect",
) -> Float[Tensor, "batch channels height width"]:
    """Sharpen images: add what a Gaussian blur takes away.

    Args:
        input: images, (B, C, H, W); integers are sharpened as float32.
        kernel_size: as in `gaussian_blur2d`.
        sigma: as in `gaussian_blur2d`.
        border_type: as in `gaussian_blur2d`.

    Returns:
        2 * input - blurred, (B, C, H, W); not clipped, so that it overshoots at edges.

    Raises:
        TypeError: `input` is no tensor of real numbers, or `sigma` neither a tuple nor a tensor.
        ValueError: as in `gaussian_blur2d`.

    >>> unsharp_mask(torch.tensor([[[[0.0, 1.0, 0.0]]]]), (1, 3), (1.0, 1.0))
    tensor([[[[-0.5481,  1.5481, -0.5481]]]])
    """
    blur = blurred(input, kernel_size, sigma, border_type)
    return narrow(2 * widen(input) - blur, input)


class UnsharpMask(module(unsharp_mask, inputs=("input",))): ...


def blurred(
    input: Tensor, kernel_size: tuple[int, int] | int, sigma: tuple[float, float] | Tensor, border_type: str
) -> Tensor:
    """Return blurred images in at least float32, all arguments checked."""
    check_images(input, "input")
    rows, columns = pair(kernel_size, "kernel_size", odd=True)
    check_border(border_type)
    image = widen(input)
    deviations = _deviations(sigma, image)
    down = get_gaussian_kernel1d.reference(rows, deviations[:, :1])
    across = get_gaussian_kernel1d.reference(columns, deviations[:, 1:])
    return correlate(correlate(image, across.unsqueeze(1), border_type), down.unsqueeze(2), border_type)


def _deviations(sigma: tuple[float, float] | Tensor, image: Tensor) -> Tensor:
    """Return the standard deviations as a tensor (1 or B, 2)."""
    if isinstance(sigma, Tensor):
        check_shape(sigma, "sigma", "1 or B", 2)
        if sigma.shape[0] not in (1, image.shape[0]):
            raise ValueError(f"sigma must hold 1 or {image.shape[0]} pairs, as many as images, got {sigma.shape[0]}")
        return sigma.to(image.dtype)
    if not isinstance(sigma, tuple | list):
        raise TypeError(f"sigma must be a tuple of two numbers or a tensor, got {type(sigma).__name__}")
    if len(sigma) != 2:
        raise ValueError(f"sigma must be two numbers (y, x), got {tuple(sigma)}")
    for deviation in sigma:
        check_positive(deviation, "sigma")
    return torch.tensor([list(sigma)], dtype=image.dtype, device=image.device)
