# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the normalized mutual information: one pass over the pairs of samples, and one back."""

from functools import partial
from typing import Any

from torch import Tensor

from foveal.kernels._kernel import Adjoint, kernel
from foveal.kernels.cpu.losses._joint_histogram import Pairs, accepts, examples
from foveal.losses._joint_histogram import MIKernel, normalized_information


def _adjoint_of(dimensions: int) -> Adjoint:
    def adjoint(
        needs: tuple[bool, ...],
        gradients: tuple[Tensor, ...],
        outputs: tuple[Tensor, ...],
        input: Tensor,
        target: Tensor,
        input_mask: Tensor | None,
        target_mask: Tensor | None,
        *options: Any,
    ) -> tuple[Tensor | None, ...]:
        pairs = Pairs((input, target), (input_mask, target_mask), dimensions, options)
        found = pairs.pull(normalized_information, gradients[0], needs)
        return *(None if rows is None else rows.view(input.shape) for rows in found), *(None,) * 5

    return adjoint


def _accepts_1d(
    input: Tensor,
    target: Any,
    input_mask: Any,
    target_mask: Any,
    kernel_function: Any,
    num_bins: Any,
    window_radius: Any,
) -> bool:
    return accepts(input, target, input_mask, target_mask, kernel_function, num_bins, window_radius, 1)


@kernel(accepts=_accepts_1d, adjoint=_adjoint_of(1), examples=partial(examples, 4), keep_outputs=False)
def normalized_mutual_information_loss(
    input: Tensor,
    target: Tensor,
    input_mask: Tensor | None,
    target_mask: Tensor | None,
    kernel_function: MIKernel,
    num_bins: int,
    window_radius: float,
) -> Tensor:
    """Count the pairs in bins, and take the normalized information of the counts."""
    options = kernel_function, num_bins, window_radius
    return Pairs((input, target), (input_mask, target_mask), 1, options).loss(normalized_information)


def _accepts_2d(
    input: Tensor,
    target: Any,
    input_mask: Any,
    target_mask: Any,
    kernel_function: Any,
    num_bins: Any,
    window_radius: Any,
) -> bool:
    return accepts(input, target, input_mask, target_mask, kernel_function, num_bins, window_radius, 2)


@kernel(accepts=_accepts_2d, adjoint=_adjoint_of(2), examples=partial(examples, 2, 4), keep_outputs=False)
def normalized_mutual_information_loss_2d(
    input: Tensor,
    target: Tensor,
    input_mask: Tensor | None,
    target_mask: Tensor | None,
    kernel_function: MIKernel,
    num_bins: int,
    window_radius: float,
) -> Tensor:
    """Count the pairs in bins, and take the normalized information of the counts."""
    options = kernel_function, num_bins, window_radius
    return Pairs((input, target), (input_mask, target_mask), 2, options).loss(normalized_information)


def _accepts_3d(
    input: Tensor,
    target: Any,
    input_mask: Any,
    target_mask: Any,
    kernel_function: Any,
    num_bins: Any,
    window_radius: Any,
) -> bool:
    return accepts(input, target, input_mask, target_mask, kernel_function, num_bins, window_radius, 3)


@kernel(accepts=_accepts_3d, adjoint=_adjoint_of(3), examples=partial(examples, 2, 2, 4), keep_outputs=False)
def normalized_mutual_information_loss_3d(
    input: Tensor,
    target: Tensor,
    input_mask: Tensor | None,
    target_mask: Tensor | None,
    kernel_function: MIKernel,
    num_bins: int,
    window_radius: float,
) -> Tensor:
    """Count the pairs in bins, and take the normalized information of the counts."""
    options = kernel_function, num_bins, window_radius
    return Pairs((input, target), (input_mask, target_mask), 3, options).loss(normalized_information)
