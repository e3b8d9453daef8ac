# SPDX-License-Identifier: Apache-2.0
"""Morphological reconstruction: what a seed grows into below a mask."""

import torch
from jaxtyping import Shaped
from torch import Tensor

from foveal._check import check_count, check_option, check_same_shape
from foveal._op import op
from foveal._pixels import Pixels
from foveal.morphology._window import check_image, check_kernel, decode, encode, pad, pixels_at, strongest


@op
def reconstruction(
    seed: Pixels[Tensor, "batch channels height width"],
    mask: Pixels[Tensor, "batch channels height width"],
    kernel: Shaped[Tensor, "rows columns"] | None = None,
    method: str = "dilation",
    num_iters: int | None = None,
    check_every: int = 4,
    engine: str = "auto",
) -> Pixels[Tensor, "batch channels height width"]:
    """Dilate a seed again and again, never above a mask, until nothing changes.

    Args:
        seed: images to start from, (B, C, H, W); what lies above `mask` is cut off.
        mask: images that bound the result, (B, C, H, W).
        kernel: cells other than zero are the steps that a value takes, (rows, columns), both odd; the centre always
            counts. `None` is a square of 3 x 3.
        method: "dilation", or "erosion" for its mirror image: erode, never below the mask.
        num_iters: number of dilations; `None` for as many as change something, which reads values.
        check_every: number of dilations between two looks for a change.
        engine: "auto", "unfold" or "shift"; has no effect.

    Returns:
        Images, (B, C, H, W), in the common dtype. Each pixel is one of `seed` or `mask`, and there its gradient goes.

    Raises:
        TypeError: images have neither a floating-point dtype nor bytes.
        ValueError: wrong shapes, an even kernel, an unknown option, or a number that is too small.

    >>> seed, mask = torch.tensor([[[[0.0, 0.0, 2.0, 0.0]]]]), torch.tensor([[[[3.0, 0.0, 3.0, 3.0]]]])
    >>> reconstruction(seed, mask)
    tensor([[[[0., 0., 2., 2.]]]])

    Source: Vincent 1993, "Morphological grayscale reconstruction in image analysis", definition 3.1.
    """
    check_image(seed, "seed")
    check_image(mask, "mask")
    check_same_shape(mask, "mask", seed)
    if kernel is not None:
        check_kernel(kernel, "kernel")
        if 0 in (kernel.shape[0] % 2, kernel.shape[1] % 2):
            raise ValueError(f"kernel must have odd sizes, got {tuple(kernel.shape)}")
    check_option(method, "method", ("dilation", "erosion"))
    check_option(engine, "engine", ("auto", "unfold", "shift"))
    if num_iters is not None:
        check_count(num_iters, "num_iters")
    check_count(check_every, "check_every")
    if check_every == 0:
        raise ValueError("check_every must be at least 1, got 0")
    dtype = torch.promote_types(seed.dtype, mask.dtype)
    like = torch.empty(0, dtype=dtype, device=seed.device)
    sign = 1 if method == "dilation" else -1
    start, bound = (sign * decode(image.to(dtype)) for image in (seed, mask))
    if start.numel() == 0:
        return encode(start, like)
    on = _steps(kernel, start)
    value, source = _bounded(start, _numbers(start), bound)
    done = 0
    while num_iters is None or done < num_iters:
        before = value
        for _ in range(check_every if num_iters is None else num_iters):
            value, source = _grown(value, source, bound, on)
        done += check_every if num_iters is None else num_iters
        if num_iters is None and bool(((value == before) | value.isnan()).all()):
            break
    # Which pixel a value came from is known, so that no step needs to be kept for the gradient.
    pixels = torch.cat([start.flatten(-2), bound.flatten(-2)], dim=-1)
    return encode(sign * pixels.gather(-1, source.flatten(-2)).view(start.shape), like)


def _steps(kernel: Tensor | None, like: Tensor) -> Tensor:
    """Return the cells from which a pixel may take its value: the reflected kernel and its centre."""
    if kernel is None:
        return torch.ones(3, 3, dtype=torch.bool, device=like.device)
    height, width = kernel.shape
    numbers = torch.arange(height * width, device=kernel.device).view(height, width)
    return (kernel.flip(0, 1) != 0) | (numbers == height * width // 2)


def _numbers(image: Tensor) -> Tensor:
    """Number the pixels of each image."""
    height, width = image.shape[-2:]
    return torch.arange(height * width, device=image.device).view(height, width).expand(image.shape)


def _bounded(value: Tensor, source: Tensor, bound: Tensor) -> tuple[Tensor, Tensor]:
    """Cut values off at the bound, whose pixels are numbered behind those of the seed."""
    above = (value > bound) | bound.isnan()
    size = bound.shape[-2] * bound.shape[-1]
    return torch.where(above, bound, value).detach(), torch.where(above, _numbers(bound) + size, source)


def _grown(value: Tensor, source: Tensor, bound: Tensor, on: Tensor) -> tuple[Tensor, Tensor]:
    """Dilate once and cut off, and carry along where values came from."""
    height, width = on.shape
    margins = (width // 2, width // 2, height // 2, height // 2)
    best, place = strongest(pad(value, margins, "geodesic", 0.0), on, None)
    return _bounded(best, pixels_at(pad(source, margins, "constant", 0), place, width), bound)
