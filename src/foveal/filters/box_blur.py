# SPDX-License-Identifier: Apache-2.0
"""The mean over a window."""

import torch
from jaxtyping import Real
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_border, check_images, correlate, encode, pair, widen


@op
def box_blur(
    input: Real[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | int,
    border_type: str = "reflect",
    separable: bool = True,
) -> Real[Tensor, "batch channels height width"]:
    """Replace each pixel by the mean of the window around it.

    Args:
        input: images, (B, C, H, W); bytes give bytes, other integers are blurred as float32.
        kernel_size: sides (y, x) of the window, or one number for both.
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular".
        separable: has no effect: the mean is separable.

    Returns:
        Images, (B, C, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers, or `kernel_size` neither an integer nor a tuple.
        ValueError: a wrong shape, a side that is not positive, or an unknown `border_type`.

    Convention: of an even side the pixel is the one before the middle, as in `filter2d`; OpenCV takes the one behind.

    >>> box_blur(torch.tensor([[[[0.0, 3.0, 6.0]]]]), (1, 3), "replicate")
    tensor([[[[1., 3., 5.]]]])
    """
    check_images(input, "input")
    rows, columns = pair(kernel_size, "kernel_size")
    check_border(border_type)
    image = widen(input)
    down, across = (torch.full((1, side), 1 / side, dtype=image.dtype, device=image.device) for side in (rows, columns))
    blurred = correlate(correlate(image, across.unsqueeze(1), border_type), down.unsqueeze(2), border_type)
    return encode(blurred, input)


class BoxBlur(module(box_blur)): ...
