# SPDX-License-Identifier: Apache-2.0
"""A differentiable model of coding and decoding an image by JPEG."""

import math

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal import _border as border
from foveal._check import check_floating, check_shape, check_tensor
from foveal._module import module
from foveal._op import op
from foveal.color.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb

# ITU-T T.81 (1992), annex K, tables K.1 and K.2.
LUMA_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56), (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip
CHROMA_TABLE = (
    (17, 18, 24, 47, 99, 99, 99, 99), (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99), (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8 for _ in range(4)),
)  # fmt: skip
TABLES = (LUMA_TABLE, CHROMA_TABLE)

# Chroma is smoothed by a Gaussian of half a pixel before every other pixel is dropped: its weights at -1, 0 and 1.
SIDE = math.exp(-2) / (1 + 2 * math.exp(-2))
SMOOTHING = (SIDE, 1 - 2 * SIDE, SIDE)

# Outside its range a clipped number falls off to this much beyond the end, so that a gradient is left.
SOFTNESS = 0.02


@op
def jpeg_codec_differentiable(
    input: Float[Tensor, "*batch 3 height width"],
    jpeg_quality: Real[Tensor, " qualities"],
    quantization_table_y: Real[Tensor, "*luma_tables 8 8"] | None = None,
    quantization_table_c: Real[Tensor, "*chroma_tables 8 8"] | None = None,
) -> Float[Tensor, "*batch 3 height width"]:
    """Code and decode images by JPEG (4:2:0), with a rounding that has a gradient.

    Args:
        input: RGB in [0, 1], (*, 3, H, W).
        jpeg_quality: quality in [0, 100], (1) for all images or one per image, (B); 0 counts as 1.
        quantization_table_y: table of the luma, (8, 8) or one per image, (B, 8, 8); by default the standard's.
        quantization_table_c: table of the chroma, likewise.

    Returns:
        The decoded images, (*, 3, H, W), in [0, 1].

    Raises:
        TypeError: `input` has no floating-point dtype, or another argument is no tensor.
        ValueError: `input` has not the shape (*, 3, H, W), a table is not 8 x 8, or there are neither one nor as many
            qualities or tables as images.

    Convention: images grow to multiples of 16 by their last row and column; a quality of 99.5 keeps tables as they are.

    >>> grey = jpeg_codec_differentiable(torch.full((3, 2, 2), 0.5), torch.tensor([90.0]))
    >>> f"{grey.mean().item():.2f}"
    '0.50'

    Source: Reich et al. 2024, "Differentiable JPEG: the devil is in the details", section 3.
    """
    check_floating(input, "input")
    check_shape(input, "input", "*", 3, "H", "W")
    dtype = torch.promote_types(input.dtype, torch.float32)
    images = input.to(dtype).reshape(-1, *input.shape[-3:])
    scale = _scale_of(_per_image(jpeg_quality, "jpeg_quality", images))
    tables = [
        quantization_table(_table(table, name, number, images), scale)
        for number, (table, name) in enumerate(
            ((quantization_table_y, "quantization_table_y"), (quantization_table_c, "quantization_table_c"))
        )
    ]
    height, width = input.shape[-2:]
    padded = border.pad(images, (0, -width % 16, 0, -height % 16), "replicate")
    luma, chroma = (rgb_to_ycbcr.reference(padded) * 255).split((1, 2), dim=1)
    luma = _code(luma, tables[0])
    chroma = _enlarge(_code(_halve(chroma), tables[1]))
    decoded = ycbcr_to_rgb.reference(torch.cat([luma, chroma], dim=1) / 255)
    return decoded[..., :height, :width].to(input.dtype).view(input.shape)


class JPEGCodecDifferentiable(module(jpeg_codec_differentiable, inputs=("input", "jpeg_quality"))): ...


def quantization_table(table: Tensor, scale: Tensor) -> Tensor:
    """Return the steps (B, 1, 1, 8, 1, 8), columns before rows, of tables (B, 8, 8) at scales (B, 1, 1) in percent."""
    steps = soft_floor(soft_clip((table * scale + 50) / 100, 1, 255))
    return steps.mT.reshape(-1, 1, 1, 8, 1, 8)


def cosines(like: Tensor) -> Tensor:
    """Return the matrix of the discrete cosine transform of 8 numbers, orthonormal, a row per frequency."""
    number = torch.arange(8, device=like.device, dtype=torch.float64)
    matrix = 0.5 * torch.cos(math.pi / 16 * (2 * number + 1) * number.unsqueeze(-1))
    return torch.where(number.unsqueeze(-1) == 0, math.sqrt(1 / 8), matrix).to(like.dtype)


def soft_round(x: Tensor) -> Tensor:
    """Round, plus the cube of what is cut off: a gradient that is 0 at whole numbers."""
    whole = x.detach().round()
    return whole + (x - whole) ** 3


def soft_floor(x: Tensor) -> Tensor:
    """Round down, plus the cube of the distance to the middle of the step."""
    whole = x.detach().floor()
    return whole + (x - 0.5 - whole) ** 3


def soft_clip(x: Tensor, low: float, high: float) -> Tensor:
    """Clip, but let numbers outside go on falling, exponentially less, by `SOFTNESS` at the most."""
    clipped = x.clamp(low, high)
    # Each side has an exponent of at most 0, so that none overflows.
    above = SOFTNESS * (1 - torch.exp(-(x - high).clamp(min=0)))
    below = SOFTNESS * (torch.exp((x - low).clamp(max=0)) - 1)
    return clipped + above + below


def _code(planes: Tensor, steps: Tensor) -> Tensor:
    """Quantize the cosine transform of each 8 x 8 block of planes (B, C, H, W)."""
    matrix = cosines(planes)
    blocks = (planes - 128).unflatten(-1, (planes.shape[-1] // 8, 8)).unflatten(-3, (planes.shape[-2] // 8, 8))
    # Rows of all blocks at a time, then columns: each product is one of a tall matrix with an 8 x 8 one.
    frequencies = (blocks @ matrix.T).transpose(-3, -1) @ matrix.T
    coefficients = soft_round(frequencies / steps) * steps
    return ((coefficients @ matrix).transpose(-3, -1) @ matrix).reshape(planes.shape) + 128


def _halve(planes: Tensor) -> Tensor:
    """Smooth planes (B, C, H, W) and halve their sides."""
    for axis in (-1, -2):
        margins = (1, 1, 0, 0) if axis == -1 else (0, 0, 1, 1)
        padded, size = border.pad(planes, margins, "reflect"), planes.shape[axis]
        planes = sum(weight * padded.narrow(axis, at, size) for at, weight in enumerate(SMOOTHING))  # pyright: ignore
    rows = (planes[..., 0::2, :] + planes[..., 1::2, :]) / 2
    return (rows[..., 0::2] + rows[..., 1::2]) / 2


def _enlarge(planes: Tensor) -> Tensor:
    """Double the sides of planes (B, C, H, W), by linear interpolation."""
    for axis in (-1, -2):
        margins = (1, 1, 0, 0) if axis == -1 else (0, 0, 1, 1)
        padded, size = border.pad(planes, margins, "replicate"), planes.shape[axis]
        before, here, behind = (padded.narrow(axis, at, size) for at in range(3))
        pairs = torch.stack([0.25 * before + 0.75 * here, 0.75 * here + 0.25 * behind], dim=-1)
        planes = pairs.flatten(-2) if axis == -1 else pairs.movedim(-1, -2).flatten(-3, -2)
    return planes


def _scale_of(quality: Tensor) -> Tensor:
    """Return the percentage by which a quality scales tables."""
    quality = torch.where(quality == 0, 1.0, quality)
    low = quality < 50
    return soft_floor(torch.where(low, 5000 / torch.where(low, quality, 50.0), 200 - 2 * quality))


def _per_image(values: Tensor, name: str, images: Tensor) -> Tensor:
    check_tensor(values, name)
    check_shape(values, name, "B")
    if values.shape[0] not in (1, images.shape[0]):
        raise ValueError(f"{name} must have 1 or {images.shape[0]} elements, got {values.shape[0]}")
    return values.to(images.dtype).view(-1, 1, 1)


def _table(table: Tensor | None, name: str, number: int, images: Tensor) -> Tensor:
    if table is None:
        return torch.tensor(TABLES[number], dtype=images.dtype, device=images.device).unsqueeze(0)
    check_shape(table, name, "*", 8, 8)
    if table.ndim > 3 or (table.ndim == 3 and table.shape[0] not in (1, images.shape[0])):
        raise ValueError(f"{name} must have shape (8, 8) or ({images.shape[0]}, 8, 8), got {tuple(table.shape)}")
    return table.to(images.dtype).reshape(-1, 8, 8)
