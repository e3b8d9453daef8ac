# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of warps by maps."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.geometry.transform._sample import PADDINGS
from foveal.geometry.transform.remap import to_pixels
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.geometry.transform._warp import accepts_warp, as_options, pull_back_by_maps, warp_by_maps


def _accepts(
    image: Tensor, map_x: Tensor, map_y: Tensor, mode: str, padding_mode: str, align_corners: bool | None,
    normalized_coordinates: bool,
) -> bool:  # fmt: skip
    return (
        accepts_warp(image, mode, padding_mode, bool(align_corners), PADDINGS)
        and all(
            isinstance(positions, Tensor)
            and positions.dtype is torch.float32
            and positions.ndim == 3
            and positions.shape[0] in (1, image.shape[0])
            and 0 not in positions.shape
            for positions in (map_x, map_y)
        )
        and map_x.shape == map_y.shape
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    image, places = torch.zeros(1, 1, 20, 20, requires_grad=True), torch.zeros(1, 4, 4, requires_grad=True)
    yield image, places, places.detach().requires_grad_(), "bilinear", "zeros", None, False
    yield image.detach().to(torch.uint8), places.detach(), places.detach(), "bilinear", "zeros", None, False


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor, map_x: Tensor,
    map_y: Tensor, mode: str, padding_mode: str, align_corners: bool | None, normalized_coordinates: bool,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    aligned = bool(align_corners)
    maps = _in_pixels(image, map_x, map_y, aligned, normalized_coordinates)
    options = as_options(mode, padding_mode, aligned)
    to_image, to_x, to_y = pull_back_by_maps(image, maps, options, gradients[0], (needs[0], needs[1] or needs[2]))
    if normalized_coordinates and to_x is not None and to_y is not None:
        to_x = to_x * ((image.shape[3] - aligned) / 2)
        to_y = to_y * ((image.shape[2] - aligned) / 2)
    return to_image, to_x if needs[1] else None, to_y if needs[2] else None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def remap(
    image: Tensor, map_x: Tensor, map_y: Tensor, mode: str, padding_mode: str, align_corners: bool | None,
    normalized_coordinates: bool,
) -> Tensor:  # fmt: skip
    """Sample tile by tile at the positions of the maps."""
    aligned = bool(align_corners)
    maps = _in_pixels(image, map_x, map_y, aligned, normalized_coordinates)
    return warp_by_maps(image, maps, as_options(mode, padding_mode, aligned))


def _in_pixels(image: Tensor, x: Tensor, y: Tensor, aligned: bool, normalized: bool) -> tuple[Tensor, Tensor]:
    x, y = x.detach(), y.detach()
    if not normalized:
        return x, y
    return to_pixels(x, image.shape[3], aligned), to_pixels(y, image.shape[2], aligned)
