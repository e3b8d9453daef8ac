# SPDX-License-Identifier: Apache-2.0
"""Posters: few levels of each channel."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveal._op import op
from foveal._pixels import Pixels
from foveal.enhance._factor import as_batch, check_image


@op
def posterize(
    input: Pixels[Tensor, "*batch height width"], bits: int | Int[Tensor, "*prefix"] | Float[Tensor, "*prefix"]
) -> Pixels[Tensor, "*batch height width"]:
    """Keep the high bits of every pixel as a byte: the other bits become 0.

    Args:
        input: pixels in [0, 1], (*, C, H, W) or (H, W), which are clipped and cut off to bytes; or uint8.
        bits: how many bits stay, 0 to 8; 8 leaves the image. A number, a tensor of one element, or a tensor of shape
            (B,) or (B, C), where B counts all leading dimensions; tensors are not read, but clipped.

    Returns:
        The image in the dtype of `input`. It has no gradient, but for 8 bits.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8, or `bits` is neither an integer nor a tensor.
        ValueError: `bits` is a number outside [0, 8], or a tensor of another shape.

    >>> posterize(torch.tensor([[0, 100, 200]], dtype=torch.uint8), 2)
    tensor([[  0,  64, 192]], dtype=torch.uint8)

    Source: Pillow, `ImageOps.posterize`.
    """
    check_image(input, "input")
    check_bits(bits, input)
    if not isinstance(bits, Tensor):
        return input if bits == 8 else _kept(input, 256 - (1 << (8 - bits)))
    images = as_batch(input)
    count = bits.to(input.device).clamp(0, 8).to(torch.int64)
    count = count.reshape(()) if count.numel() == 1 else count.reshape(*count.shape, *[1] * (4 - count.ndim))
    kept = _kept(images, 256 - (1 << (8 - count)))
    return torch.where(count == 8, images, kept).reshape(input.shape)


def check_bits(bits: object, input: Tensor) -> None:
    """Raise unless these are numbers of bits for an image."""
    if isinstance(bits, Tensor):
        images = as_batch(input)
        if not fits(bits, images):
            raise ValueError(
                f"bits must have one element or be the first dimensions of {tuple(images.shape)}, "
                f"got shape {tuple(bits.shape)}"
            )
    elif not isinstance(bits, int) or isinstance(bits, bool):
        raise TypeError(f"bits must be an integer or a tensor, got {type(bits).__name__}")
    elif not 0 <= bits <= 8:
        raise ValueError(f"bits must be in [0, 8], got {bits}")


def fits(bits: Tensor, images: Tensor) -> bool:
    """Say whether a tensor holds one number of bits, or one for each place of the first dimensions of a batch."""
    return bits.numel() == 1 or bits.shape == images.shape[: bits.ndim]


def _kept(images: Tensor, mask: Tensor | int) -> Tensor:
    """Return the pixels as bytes under a mask."""
    if images.dtype is torch.uint8:
        return (images.to(torch.int64) & mask).to(torch.uint8)
    # Half precision would round before the cut.
    wide = images.to(torch.promote_types(images.dtype, torch.float32))
    level = (wide.clamp(0, 1) * 255).to(torch.int64)
    return ((level & mask).to(wide.dtype) / 255).to(images.dtype)
