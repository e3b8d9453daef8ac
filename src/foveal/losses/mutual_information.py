# SPDX-License-Identifier: Apache-2.0
"""Mutual information as a loss: alignment of images whose grey values correspond, but do not agree."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal.losses._joint_histogram import MIKernel, check_pair, information, joint_histogram


@op
def mutual_information_loss(
    input: Float[Tensor, "*batch samples"],
    target: Float[Tensor, "*batch samples"],
    input_mask: Bool[Tensor, " samples"] | None = None,
    target_mask: Bool[Tensor, " samples"] | None = None,
    kernel_function: MIKernel = MIKernel.xu,
    num_bins: int = 64,
    window_radius: float = 1.0,
) -> Float[Tensor, "*batch"]:
    """Return minus the mutual information, -(H(X) + H(Y) - H(X, Y)), of pairs of signals, in nats.

    Args:
        input: signals, (*, N), each of any range; half precision is computed in float32.
        target: signals of the same shape.
        input_mask: which samples of `input` count, boolean (N), one mask for all signals; `None` is all.
        target_mask: the same for `target`. A pair counts where both do.
        kernel_function: weights of a sample in the bins around it, an `MIKernel`.
        num_bins: bins of each signal between its least and its largest sample, at least 2.
        window_radius: the reach of the kernel, in bins.

    Returns:
        Losses, (*): at most 0, which is that of independent signals, or of a constant one.

    Raises:
        TypeError: a signal is not of a floating-point dtype, a mask not boolean.
        ValueError: shapes differ or are empty, or an option is out of its range.

    Convention: a pair without information (a range of at most the dtype's eps, no pair in both masks) has no gradient.

    >>> image = torch.tensor([0.0, 1.0, 0.0, 1.0])
    >>> mutual_information_loss(image, image)
    tensor(-0.6931)

    Source: Viola and Wells 1997, "Alignment by maximization of mutual information".
    """
    options = (kernel_function, num_bins, window_radius)
    check_pair(input, target, input_mask, target_mask, *options, "N")
    joint, constant = joint_histogram(input, target, input_mask, target_mask, *options)
    return -information(joint, constant).to(torch.promote_types(input.dtype, target.dtype))


@op
def mutual_information_loss_2d(
    input: Float[Tensor, "*batch height width"],
    target: Float[Tensor, "*batch height width"],
    input_mask: Bool[Tensor, "height width"] | None = None,
    target_mask: Bool[Tensor, "height width"] | None = None,
    kernel_function: MIKernel = MIKernel.xu,
    num_bins: int = 64,
    window_radius: float = 1.0,
) -> Float[Tensor, "*batch"]:
    """Return minus the mutual information of pairs of images, as `mutual_information_loss`.

    Args:
        input: signals, (*, H, W), each of any range; half precision is computed in float32.
        target: signals of the same shape.
        input_mask: which samples of `input` count, boolean (H, W), one mask for all signals; `None` is all.
        target_mask: as in `mutual_information_loss`.
        kernel_function: as in `mutual_information_loss`.
        num_bins: as in `mutual_information_loss`.
        window_radius: as in `mutual_information_loss`.

    Returns:
        Losses, (*), as those of `mutual_information_loss`.

    Raises:
        TypeError: as `mutual_information_loss`.
        ValueError: as `mutual_information_loss`.

    >>> image = torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    >>> mutual_information_loss_2d(image, image)
    tensor(-0.6931)

    Source: Viola and Wells 1997, "Alignment by maximization of mutual information".
    """
    options = (kernel_function, num_bins, window_radius)
    check_pair(input, target, input_mask, target_mask, *options, "H", "W")
    masks = (None if mask is None else mask.flatten() for mask in (input_mask, target_mask))
    return mutual_information_loss.reference(input.flatten(-2), target.flatten(-2), *masks, *options)


@op
def mutual_information_loss_3d(
    input: Float[Tensor, "*batch depth height width"],
    target: Float[Tensor, "*batch depth height width"],
    input_mask: Bool[Tensor, "depth height width"] | None = None,
    target_mask: Bool[Tensor, "depth height width"] | None = None,
    kernel_function: MIKernel = MIKernel.xu,
    num_bins: int = 64,
    window_radius: float = 1.0,
) -> Float[Tensor, "*batch"]:
    """Return minus the mutual information of pairs of volumes, as `mutual_information_loss`.

    Args:
        input: signals, (*, D, H, W), each of any range; half precision is computed in float32.
        target: signals of the same shape.
        input_mask: which samples of `input` count, boolean (D, H, W), one mask for all signals; `None` is all.
        target_mask: as in `mutual_information_loss`.
        kernel_function: as in `mutual_information_loss`.
        num_bins: as in `mutual_information_loss`.
        window_radius: as in `mutual_information_loss`.

    Returns:
        Losses, (*), as those of `mutual_information_loss`.

    Raises:
        TypeError: as `mutual_information_loss`.
        ValueError: as `mutual_information_loss`.

    >>> image = torch.tensor([[[0.0, 1.0], [0.0, 1.0]]])
    >>> mutual_information_loss_3d(image, image)
    tensor(-0.6931)

    Source: Viola and Wells 1997, "Alignment by maximization of mutual information".
    """
    options = (kernel_function, num_bins, window_radius)
    check_pair(input, target, input_mask, target_mask, *options, "D", "H", "W")
    masks = (None if mask is None else mask.flatten() for mask in (input_mask, target_mask))
    return mutual_information_loss.reference(input.flatten(-3), target.flatten(-3), *masks, *options)


class MILossFromRef(
    module(
        mutual_information_loss,
        inputs=("input", "input_mask"),
        names={"target": "reference_signal", "target_mask": "mask"},
    )
):
    """Module form of `mutual_information_loss` on a stored target, called with other signals."""

    def forward(self, other_signal: Tensor, other_mask: Tensor | None = None) -> Tensor:
        """Return the losses of other signals, their samples masked by `other_mask`."""
        return super().forward(other_signal, other_mask)


class MILossFromRef2D(
    module(
        mutual_information_loss_2d,
        inputs=("input", "input_mask"),
        names={"target": "reference_signal", "target_mask": "mask"},
        window_radius=1,
    )
):
    """Module form of `mutual_information_loss_2d` on a stored target, called with other images."""

    def forward(self, other_signal: Tensor, other_mask: Tensor | None = None) -> Tensor:
        """Return the losses of other signals, their samples masked by `other_mask`."""
        return super().forward(other_signal, other_mask)


class MILossFromRef3D(
    module(
        mutual_information_loss_3d,
        inputs=("input", "input_mask"),
        names={"target": "reference_signal", "target_mask": "mask"},
        window_radius=1,
    )
):
    """Module form of `mutual_information_loss_3d` on a stored target, called with other volumes."""

    def forward(self, other_signal: Tensor, other_mask: Tensor | None = None) -> Tensor:
        """Return the losses of other signals, their samples masked by `other_mask`."""
        return super().forward(other_signal, other_mask)
