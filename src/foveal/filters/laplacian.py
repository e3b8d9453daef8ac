# SPDX-License-Identifier: Apache-2.0
"""The Laplacian of an image."""

from jaxtyping import Float, Real
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_border, check_images, correlate, narrow, normalize, widen
from foveal.filters.window_kernel import get_laplacian_kernel2d


@op
def laplacian(
    input: Real[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | int,
    border_type: str = "reflect",
    normalized: bool = True,
) -> Float[Tensor, "batch channels height width"]:
    """Filter images by the Laplacian: the sum over a window less the pixel as often.

    Args:
        input: images, (B, C, H, W); integers are filtered as float32.
        kernel_size: sides (y, x) of the window, odd, one of them at least 3; or one number for both.
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular".
        normalized: divide by the sum of the kernel's absolute values, 2 (kY kX - 1).

    Returns:
        Images, (B, C, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers, or `kernel_size` neither an integer nor a tuple.
        ValueError: a wrong shape, a side that is even or not positive, or an unknown `border_type`.

    Convention: the kernel is `get_laplacian_kernel2d`'s, with the corners; OpenCV's of size 1 has none.

    >>> import torch
    >>> laplacian(torch.tensor([[[[0.0, 1.0, 4.0, 9.0]]]]), (1, 3), "replicate", normalized=False)
    tensor([[[[ 1.,  2.,  2., -5.]]]])
    """
    check_images(input, "input")
    check_border(border_type)
    image = widen(input)
    kernel = get_laplacian_kernel2d(kernel_size, device=image.device, dtype=image.dtype).unsqueeze(0)
    return narrow(correlate(image, normalize(kernel) if normalized else kernel, border_type), input)


class Laplacian(module(laplacian)): ...
