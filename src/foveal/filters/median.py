# SPDX-License-Identifier: Apache-2.0
"""Median blur: the middle value of each window."""

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._border import pad
from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_border, check_images, encode, pair, widen
from foveal.morphology._window import pixels_at


@op
def median_blur(
    input: Real[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | list[int] | int,
    border_type: str = "reflect",
) -> Real[Tensor, "batch channels height width"]:
    """Replace each pixel by the median of the window around it, channel by channel.

    Args:
        input: images, (B, C, H, W); bytes give bytes, other integers float32.
        kernel_size: rows and columns of the window in pixels, odd; one number for both.
        border_type: what lies outside the image: "constant" (zeros), "reflect" (without the outermost pixel),
            "replicate" (OpenCV's border for medians) or "circular".

    Returns:
        Images, (B, C, H, W). A window that holds NaN has the median NaN. The gradient goes to the pixel that is the
        median: of equal ones to the first, row by row.

    Raises:
        TypeError: `input` is no tensor of real numbers.
        ValueError: a wrong shape, a window with an even side, or an unknown `border_type`.

    >>> median_blur(torch.tensor([[[[0.0, 0.0, 9.0, 0.0, 1.0, 1.0]]]]), (1, 3))
    tensor([[[[0., 0., 0., 1., 1., 1.]]]])

    Source: Tukey 1977, "Exploratory Data Analysis", chapter 7.
    """
    check_images(input, "input")
    rows, columns = pair(kernel_size, "kernel_size", odd=True)
    check_border(border_type)
    image = widen(input)
    if image.numel() == 0:
        return encode(image, input)
    height, width = input.shape[-2:]
    padded = pad(image, (columns // 2, columns // 2, rows // 2, rows // 2), border_type)
    windows = [padded[..., i : i + height, j : j + width] for i in range(rows) for j in range(columns)]
    median = torch.stack(windows).detach().median(dim=0).values
    place = torch.zeros_like(median, dtype=torch.int64)
    for number, pixel in reversed([*enumerate(windows)]):
        place = torch.where((pixel == median) | pixel.isnan(), number, place)
    return encode(pixels_at(padded, place, columns), input)


class MedianBlur(module(median_blur)): ...


def get_binary_kernel2d(
    window_size: tuple[int, int] | int, *, device: torch.device | None = None, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "area 1 rows columns"]:
    """Return the filters that take each pixel of a window by itself.

    Args:
        window_size: rows and columns of the window; one number for both.
        device: of the result.
        dtype: of the result.

    Returns:
        Filters (rows columns, 1, rows, columns) for `conv2d`: the one of channel i is one at row i // columns, column
        i % columns.

    Raises:
        ValueError: a side is not positive.

    >>> get_binary_kernel2d((1, 2)).flatten(1)
    tensor([[1., 0.],
            [0., 1.]])
    """
    rows, columns = pair(window_size, "window_size")
    return torch.eye(rows * columns, device=device, dtype=dtype).view(-1, 1, rows, columns)
