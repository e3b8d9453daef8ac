# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of warps by homographies in normalized coordinates."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform._sample import PADDINGS
from foveal.geometry.transform.homography import pixels_to_pixels
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.geometry.transform._homographies import Array, invert, pull_back_inverses
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
    flags = (align_corners, normalized_coordinates, normalized_homography)
    inverses = _inverses(patch_src, src_homo_dst, dsize, *flags)
    options = as_options(mode, padding_mode, align_corners)
    to_image, to_inverse = pull_back_by_matrices(patch_src, inverses, options, gradients[0], needs[:2])
    to_matrix = None
    if to_inverse is not None and normalized_homography:
        way = _way((patch_src.shape[2], patch_src.shape[3]), tuple(dsize), align_corners, normalized_coordinates)
        to_matrix = torch.from_numpy((to_inverse @ way.T).astype(np.float32)).view(-1, 3, 3)
    elif to_inverse is not None:
        to_matrix = pull_back_inverses(src_homo_dst, to_inverse)
    return to_image, to_matrix, None, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def homography_warp(
    patch_src: Tensor, src_homo_dst: Tensor, dsize: tuple[int, int], mode: str, padding_mode: str, align_corners: bool,
    normalized_coordinates: bool, normalized_homography: bool,
) -> Tensor:  # fmt: skip
    """Compute positions tile by tile; no grid is stored."""
    flags = (align_corners, normalized_coordinates, normalized_homography)
    inverses = _inverses(patch_src, src_homo_dst, dsize, *flags)
    return warp_by_matrices(patch_src, inverses, dsize, as_options(mode, padding_mode, align_corners))


def _inverses(
    patch: Tensor, matrix: Tensor, dsize: tuple[int, int], align_corners: bool, normalized_coordinates: bool,
    normalized_homography: bool,
) -> Array:  # fmt: skip
    """Return the homographies (B, 9) from pixels of the result to pixels of the image."""
    if not normalized_homography:
        return invert(matrix)
    sizes = (patch.shape[2], patch.shape[3]), dsize
    back = pixels_to_pixels(matrix.detach().double(), *sizes, align_corners, normalized_coordinates)
    return back.reshape(-1, 9).numpy()


@functools.lru_cache(maxsize=64)
def _way(source: tuple[int, int], target: tuple[int, int], *flags: bool) -> Array:
    """Return the same, which is linear in the matrix, of matrices that have a single one each, (9, 9)."""
    ones = torch.eye(9, dtype=torch.float64, device="cpu").view(9, 3, 3)
    return pixels_to_pixels(ones, source, target, *flags).view(9, 9).numpy()
