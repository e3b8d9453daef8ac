# SPDX-License-Identifier: Apache-2.0
"""Linear filters of images by a given kernel."""

from jaxtyping import Float, Real
from torch import Tensor

from foveal._op import op
from foveal.filters._correlate import (
    check_border,
    check_images,
    check_inside,
    check_taps,
    correlate,
    narrow,
    normalize,
    widen,
)


@op
def filter2d(
    input: Real[Tensor, "batch channels height width"],
    kernel: Real[Tensor, "kernels rows columns"],
    border_type: str = "reflect",
    normalized: bool = False,
    padding: str = "same",
    behaviour: str = "corr",
) -> Float[Tensor, "batch channels out_height out_width"]:
    """Correlate every channel with a kernel, or convolve it.

    Args:
        input: images, (B, C, H, W); integers are filtered as float32.
        kernel: one kernel for all images or one for each, (1, kH, kW) or (B, kH, kW).
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular", of any width.
        normalized: divide each kernel by the sum of its absolute values; a kernel of zeros stays.
        padding: "same" keeps the size, "valid" gives the pixels whose window lies inside.
        behaviour: "corr", or "conv": the kernel turned by 180 degrees, its anchor where it was.

    Returns:
        Images, (B, C, H, W), for "valid" (B, C, H - kH + 1, W - kW + 1); in the dtype of floating-point images.

    Raises:
        TypeError: `input` or `kernel` is no tensor of real numbers.
        ValueError: a wrong shape, an unknown option, or "valid" and a kernel larger than the images.

    Convention: out[y, x] = sum k[i, j] input[y + i - (kH - 1) // 2, x + j - (kW - 1) // 2].

    >>> import torch
    >>> image = torch.tensor([[[[0.0, 0.0, 1.0, 0.0, 0.0]]]])
    >>> filter2d(image, torch.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[[0., 3., 2., 1., 0.]]]])
    """
    check_images(input, "input")
    check_taps(kernel, "kernel", input.shape[0], "kH", "kW")
    check_border(border_type, padding, behaviour)
    check_inside(input, tuple(kernel.shape[1:]), padding)
    image = widen(input)
    weights = kernel.to(image.dtype)
    weights = weights.flip(1, 2) if behaviour == "conv" else weights
    weights = normalize(weights) if normalized else weights
    return narrow(correlate(image, weights, border_type, padding), input)


@op
def filter2d_separable(
    input: Real[Tensor, "batch channels height width"],
    kernel_x: Real[Tensor, "kernels_x columns"],
    kernel_y: Real[Tensor, "kernels_y rows"],
    border_type: str = "reflect",
    normalized: bool = False,
    padding: str = "same",
) -> Float[Tensor, "batch channels out_height out_width"]:
    """Correlate every channel with one kernel along its rows and one down its columns.

    Args:
        input: images, (B, C, H, W); integers are filtered as float32.
        kernel_x: the taps along x, (1, kW) or (B, kW).
        kernel_y: the taps along y, (1, kH) or (B, kH).
        border_type: as in `filter2d`.
        normalized: divide each of the two kernels by the sum of its absolute values.
        padding: as in `filter2d`.

    Returns:
        Images as of `filter2d` by the kernel k[i, j] = kernel_y[i] kernel_x[j].

    Raises:
        TypeError: an argument is no tensor of real numbers.
        ValueError: a wrong shape, an unknown option, or "valid" and a kernel larger than the images.

    Convention: anchored as `filter2d`.

    >>> import torch
    >>> image = torch.eye(3).view(1, 1, 3, 3)
    >>> filter2d_separable(image, torch.ones(1, 3), torch.tensor([[0.0, 1.0, 0.0]]), "constant")
    tensor([[[[1., 1., 0.],
              [1., 1., 1.],
              [0., 1., 1.]]]])
    """
    check_images(input, "input")
    check_taps(kernel_x, "kernel_x", input.shape[0], "kW")
    check_taps(kernel_y, "kernel_y", input.shape[0], "kH")
    check_border(border_type, padding)
    check_inside(input, (kernel_y.shape[1], kernel_x.shape[1]), padding)
    image = widen(input)
    across, down = kernel_x.to(image.dtype), kernel_y.to(image.dtype)
    if normalized:
        across, down = normalize(across), normalize(down)
    rows = correlate(image, across.unsqueeze(1), border_type, padding)
    return narrow(correlate(rows, down.unsqueeze(2), border_type, padding), input)


@op
def correlate2d(
    input: Real[Tensor, "batch channels height width"],
    kernel: Real[Tensor, "kernels rows columns"],
    border_type: str = "reflect",
    normalized: bool = False,
    padding: str = "same",
) -> Float[Tensor, "batch channels out_height out_width"]:
    """Correlate every channel with a kernel: `filter2d` with `behaviour="corr"`.

    Args:
        input: images, (B, C, H, W).
        kernel: as in `filter2d`.
        border_type: as in `filter2d`.
        normalized: as in `filter2d`.
        padding: as in `filter2d`.

    Returns:
        Images as of `filter2d`.

    Raises:
        TypeError: `input` or `kernel` is no tensor of real numbers.
        ValueError: as in `filter2d`.

    >>> import torch
    >>> correlate2d(torch.tensor([[[[0.0, 1.0, 0.0]]]]), torch.tensor([[[1.0, 2.0, 3.0]]]), "constant")
    tensor([[[[3., 2., 1.]]]])
    """
    return filter2d.reference(input, kernel, border_type, normalized, padding, "corr")


@op
def convolve2d(
    input: Real[Tensor, "batch channels height width"],
    kernel: Real[Tensor, "kernels rows columns"],
    border_type: str = "reflect",
    normalized: bool = False,
    padding: str = "same",
) -> Float[Tensor, "batch channels out_height out_width"]:
    """Convolve every channel with a kernel: `filter2d` with `behaviour="conv"`.

    Args:
        input: images, (B, C, H, W).
        kernel: as in `filter2d`.
        border_type: as in `filter2d`.
        normalized: as in `filter2d`.
        padding: as in `filter2d`.

    Returns:
        Images as of `filter2d`.

    Raises:
        TypeError: `input` or `kernel` is no tensor of real numbers.
        ValueError: as in `filter2d`.

    >>> import torch
    >>> convolve2d(torch.tensor([[[[0.0, 1.0, 0.0]]]]), torch.tensor([[[1.0, 2.0, 3.0]]]), "constant")
    tensor([[[[1., 2., 3.]]]])
    """
    return filter2d.reference(input, kernel, border_type, normalized, padding, "conv")
