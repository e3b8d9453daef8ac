# SPDX-License-Identifier: Apache-2.0
"""Borders: what operations over windows see outside an image."""

import torch
from torch import Tensor
from torch.nn.functional import pad as surround

BORDERS = ("constant", "reflect", "replicate", "circular")


def pad(image: Tensor, margins: tuple[int, ...], border_type: str, value: float = 0.0) -> Tensor:
    """Surround the last axes of images; margins may be wider than the image, and negative ones cut pixels off.

    Args:
        image: images of any shape.
        margins: pixels before and after each axis, from the last axis on, as in `torch.nn.functional.pad`.
        border_type: one of `BORDERS`; "reflect" does not repeat the outermost pixel.
        value: what "constant" puts there.
    """
    if border_type == "constant":
        return surround(image, margins, value=value)
    for axis, (before, after) in enumerate(zip(margins[::2], margins[1::2], strict=True), start=1):
        if before or after:
            image = image.index_select(-axis, _sources(image.shape[-axis], before, after, border_type, image.device))
    return image


def _sources(size: int, before: int, after: int, border_type: str, device: torch.device) -> Tensor:
    """Return the pixel of an axis that each pixel of the surrounded axis shows."""
    places = torch.arange(-before, size + after, device=device)
    if border_type == "replicate":
        return places.clamp(0, size - 1)
    if border_type == "circular":
        return places.remainder(size)
    period = max(2 * (size - 1), 1)
    turned = places.remainder(period)
    return torch.minimum(turned, period - turned) if size > 1 else turned
