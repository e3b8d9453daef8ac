# SPDX-License-Identifier: Apache-2.0
"""Linear filters of images by a product of spectra."""

import torch
from jaxtyping import Float, Real
from torch import Tensor
from torch.nn.functional import pad

from foveal._op import op
from foveal.filters._correlate import (
    check_border,
    check_images,
    check_inside,
    check_taps,
    correlate,
    narrow,
    normalize,
    surround,
    widen,
)


@op
def fft_conv(
    input: Real[Tensor, "batch channels height width"],
    kernel: Real[Tensor, "kernels rows columns"],
    border_type: str = "reflect",
    normalized: bool = False,
    padding: str = "same",
    behaviour: str = "corr",
) -> Float[Tensor, "batch channels out_height out_width"]:
    """Compute `filter2d` by Fourier transforms, whose cost hardly grows with the kernel.

    Args:
        input: images, (B, C, H, W); integers are filtered as float32.
        kernel: one kernel for all images or one for each, (1, kH, kW) or (B, kH, kW).
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular", of any width.
        normalized: divide each kernel by the sum of its absolute values; a kernel of zeros stays.
        padding: "same" keeps the size, "valid" gives the pixels whose window lies inside.
        behaviour: "corr", or "conv": the kernel turned by 180 degrees, its anchor where it was.

    Returns:
        Images as of `filter2d`, to rounding; a pixel that is not finite may spread over its whole channel.

    Raises:
        TypeError: `input` or `kernel` is no tensor of real numbers.
        ValueError: a wrong shape, an unknown option, or "valid" and a kernel larger than the images.

    >>> image = torch.tensor([[[[0.0, 0.0, 1.0, 0.0, 0.0]]]])
    >>> fft_conv(image, torch.tensor([[[1.0, 2.0, 3.0]]])).round(decimals=4).abs()
    tensor([[[[0., 3., 2., 1., 0.]]]])

    Source: the correlation theorem.
    """
    check_images(input, "input")
    check_taps(kernel, "kernel", input.shape[0], "kH", "kW")
    check_border(border_type, padding, behaviour)
    check_inside(input, tuple(kernel.shape[1:]), padding)
    image = widen(input)
    weights = kernel.to(image.dtype)
    weights = weights.flip(1, 2) if behaviour == "conv" else weights
    weights = normalize(weights) if normalized else weights
    if image.numel() == 0:
        return narrow(correlate(image, weights, border_type, padding), input)
    rows, columns = kernel.shape[1:]
    padded = _surround(image, (rows, columns), border_type, padding)
    # Zeros that fill up to a length of small factors wrap around to nothing that is kept.
    height, width = (fast_length(size) for size in padded.shape[2:])
    spectrum = torch.fft.rfft2(padded, s=(height, width)) * torch.fft.rfft2(
        weights, s=(height, width)
    ).conj().unsqueeze(1)
    result = torch.fft.irfft2(spectrum, s=(height, width))
    size = [padded.shape[2] - rows + 1, padded.shape[3] - columns + 1]
    return narrow(result[..., : size[0], : size[1]], input)


def _surround(image: Tensor, taps: tuple[int, int], border_type: str, padding: str) -> Tensor:
    """Compute `surround` by PyTorch, many times as fast, where the border is narrower than the image."""
    if padding == "valid" or any(tap // 2 >= size for tap, size in zip(taps, image.shape[2:], strict=True)):
        return surround(image, taps, border_type, padding)
    (top, bottom), (left, right) = (((tap - 1) // 2, tap // 2) for tap in taps)
    return pad(image, (left, right, top, bottom), border_type)


def fast_length(length: int) -> int:
    """Return the least length from this one on that has no prime factor above five."""
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 1
