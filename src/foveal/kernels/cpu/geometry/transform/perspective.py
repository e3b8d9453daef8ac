# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the perspective warp and of homographies from four points."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.geometry.transform import perspective
from foveal.geometry.transform._sample import PADDINGS
from foveal.kernels._kernel import differentiate, kernel
from foveal.kernels.cpu.geometry.conversions._rows import is_rows, map_rows
from foveal.kernels.cpu.geometry.transform._four_points import pull_back_four_points, solve_four_points
from foveal.kernels.cpu.geometry.transform._homographies import invert, pull_back_inverses
from foveal.kernels.cpu.geometry.transform._warp import (
    accepts_fill,
    accepts_matrix,
    accepts_size,
    accepts_warp,
    as_options,
    pull_back_by_matrices,
    warp_by_matrices,
)


def _accepts(
    src: Tensor, M: Tensor, dsize: tuple[int, int], mode: str, padding_mode: str, align_corners: bool,
    fill_value: Tensor | None,
) -> bool:  # fmt: skip
    return (
        accepts_warp(src, mode, padding_mode, align_corners, (*PADDINGS, "fill"))
        and accepts_matrix(M, src, 3)
        and accepts_size(dsize)
        and accepts_fill(fill_value, src)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    matrix = torch.eye(3)[None].requires_grad_()
    yield torch.zeros(1, 1, 20, 20, requires_grad=True), matrix, (4, 4), "bilinear", "zeros", True, None
    yield torch.zeros(1, 1, 20, 20, dtype=torch.uint8), matrix.detach(), (4, 4), "bilinear", "zeros", True, None


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], src: Tensor, M: Tensor,
    dsize: tuple[int, int], mode: str, padding_mode: str, align_corners: bool, fill_value: Tensor | None,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    if padding_mode == "fill":
        arguments = (src, M, dsize, mode, padding_mode, align_corners, fill_value)
        return differentiate(perspective.warp_perspective.reference, arguments, gradients, needs)
    options = as_options(mode, padding_mode, align_corners)
    to_image, to_inverse = pull_back_by_matrices(src, invert(M), options, gradients[0], needs[:2])
    to_matrix = None if to_inverse is None else pull_back_inverses(M, to_inverse)
    return to_image, to_matrix, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def warp_perspective(
    src: Tensor, M: Tensor, dsize: tuple[int, int], mode: str, padding_mode: str, align_corners: bool,
    fill_value: Tensor | None,
) -> Tensor:  # fmt: skip
    """Compute positions tile by tile, from the inverse in float64; no grid is stored."""
    return warp_by_matrices(src, invert(M), dsize, as_options(mode, padding_mode, align_corners), fill_value)


def _accepts_points(points_src: Tensor, points_dst: Tensor) -> bool:
    return (
        isinstance(points_dst, Tensor)
        and points_src.ndim == 3
        and points_src.shape == points_dst.shape
        and is_rows(points_src, 4, 2)
        and is_rows(points_dst, 4, 2)
    )


def _examples_points() -> Iterator[tuple[Any, ...]]:
    square = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
    yield square.requires_grad_(), square


def _adjoint_points(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], points_src: Tensor,
    points_dst: Tensor,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    inputs, shape = (points_src, points_dst, gradients[0]), tuple(points_src.shape)
    return map_rows(pull_back_four_points, inputs, len(points_src), shape, shape)


@kernel(accepts=_accepts_points, adjoint=_adjoint_points, examples=_examples_points, keep_outputs=False)
def get_perspective_transform(points_src: Tensor, points_dst: Tensor) -> Tensor:
    """Solve each set of points by itself, in float64."""
    count = len(points_src)
    return map_rows(solve_four_points, (points_src, points_dst), count, (count, 3, 3))[0]
