# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of warps by homographies in normalized coordinates."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.geometry.transform._sample import PADDINGS
from foveal.geometry.transform.homography import pixels_to_pixels
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.geometry.transform._warp import (
    accepts_matrix,
    accepts_size,
    accepts_warp,
    as_options,
    pull_back_by_matrices,
    warp_by_matrices,
)


def _accepts(
    patch_src: Tensor, src_homo_dst: Tensor, dsize: tuple[int, int], mode: str, padding_mode: str, align_corners: bool,
    normalized_coordinates: bool, normalized_homography: bool,
) -> bool:  # fmt: skip
    return (
        accepts_warp(patch_src, mode, padding_mode, align_corners, PADDINGS)
        and accepts_matrix(src_homo_dst, patch_src, 3)
        and accepts_size(dsize)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    matrix = torch.eye(3)[None].requires_grad_()
    yield torch.zeros(1, 1, 20, 20, requires_grad=True), matrix, (4, 4), "bilinear", "zeros", False, True, True


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], patch_src: Tensor,
    src_homo_dst: Tensor, dsize: tuple[int, int], mode: str, padding_mode: str, align_corners: bool,
    normalized_coordinates: bool, normalized_homography: bool,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    back = _back(patch_src, dsize, align_corners, normalized_coordinates, normalized_homography)
    options = as_options(mode, padding_mode, align_corners)
    found = pull_back_by_matrices(patch_src, src_homo_dst, back, options, gradients[0], needs[:2])
    return *found, None, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def homography_warp(
    patch_src: Tensor, src_homo_dst: Tensor, dsize: tuple[int, int], mode: str, padding_mode: str, align_corners: bool,
    normalized_coordinates: bool, normalized_homography: bool,
) -> Tensor:  # fmt: skip
    """Compute positions tile by tile; no grid is stored."""
    back = _back(patch_src, dsize, align_corners, normalized_coordinates, normalized_homography)
    inverses = back(src_homo_dst.detach().double()).contiguous().numpy()
    return warp_by_matrices(patch_src, inverses, dsize, as_options(mode, padding_mode, align_corners))


def _back(patch: Tensor, dsize: tuple[int, int], *flags: bool) -> Callable[[Tensor], Tensor]:
    """Return the way from the homographies to those from pixels of the result to pixels of the image."""
    return lambda matrix: pixels_to_pixels(matrix, (patch.shape[2], patch.shape[3]), dsize, *flags)
