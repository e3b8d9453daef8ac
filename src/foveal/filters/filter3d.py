# SPDX-License-Identifier: Apache-2.0
"""Linear filters of volumes by a given kernel."""

from jaxtyping import Float, Real
from torch import Tensor

from foveal._op import op
from foveal.filters._correlate import check_border, check_images, check_taps, correlate, narrow, normalize, widen


@op
def filter3d(
    input: Real[Tensor, "batch channels depth height width"],
    kernel: Real[Tensor, "kernels planes rows columns"],
    border_type: str = "replicate",
    normalized: bool = False,
    behaviour: str = "corr",
) -> Float[Tensor, "batch channels depth height width"]:
    """Correlate every channel of volumes with a kernel, or convolve it.

    Args:
        input: volumes, (B, C, D, H, W); integers are filtered as float32.
        kernel: one kernel for all volumes or one for each, (1, kD, kH, kW) or (B, kD, kH, kW).
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular", of any width.
        normalized: divide each kernel by the sum of its absolute values; a kernel of zeros stays.
        behaviour: "corr", or "conv": the kernel turned about all axes, its anchor where it was.

    Returns:
        Volumes, (B, C, D, H, W), in the dtype of floating-point volumes.

    Raises:
        TypeError: `input` or `kernel` is no tensor of real numbers.
        ValueError: a wrong shape, or an unknown option.

    Convention: anchored at (k - 1) // 2 along each axis, as `filter2d`.

    >>> import torch
    >>> volume = torch.tensor([[[[[0.0, 0.0, 1.0, 0.0, 0.0]]]]])
    >>> filter3d(volume, torch.tensor([[[[1.0, 2.0, 3.0]]]]))
    tensor([[[[[0., 3., 2., 1., 0.]]]]])
    """
    check_images(input, "input", "B", "C", "D", "H", "W")
    check_taps(kernel, "kernel", input.shape[0], "kD", "kH", "kW")
    check_border(border_type, behaviour=behaviour)
    volume = widen(input)
    weights = kernel.to(volume.dtype)
    weights = weights.flip(1, 2, 3) if behaviour == "conv" else weights
    weights = normalize(weights) if normalized else weights
    return narrow(correlate(volume, weights, border_type), input)


@op
def correlate3d(
    input: Real[Tensor, "batch channels depth height width"],
    kernel: Real[Tensor, "kernels planes rows columns"],
    border_type: str = "replicate",
    normalized: bool = False,
) -> Float[Tensor, "batch channels depth height width"]:
    """Correlate every channel of volumes with a kernel: `filter3d` with `behaviour="corr"`.

    Args:
        input: volumes, (B, C, D, H, W).
        kernel: as in `filter3d`.
        border_type: as in `filter3d`.
        normalized: as in `filter3d`.

    Returns:
        Volumes, (B, C, D, H, W).

    Raises:
        TypeError: `input` or `kernel` is no tensor of real numbers.
        ValueError: as in `filter3d`.

    >>> import torch
    >>> correlate3d(torch.tensor([[[[[0.0, 1.0, 0.0]]]]]), torch.tensor([[[[1.0, 2.0, 3.0]]]]))
    tensor([[[[[3., 2., 1.]]]]])
    """
    return filter3d.reference(input, kernel, border_type, normalized, "corr")


@op
def convolve3d(
    input: Real[Tensor, "batch channels depth height width"],
    kernel: Real[Tensor, "kernels planes rows columns"],
    border_type: str = "replicate",
    normalized: bool = False,
) -> Float[Tensor, "batch channels depth height width"]:
    """Convolve every channel of volumes with a kernel: `filter3d` with `behaviour="conv"`.

    Args:
        input: volumes, (B, C, D, H, W).
        kernel: as in `filter3d`.
        border_type: as in `filter3d`.
        normalized: as in `filter3d`.

    Returns:
        Volumes, (B, C, D, H, W).

    Raises:
        TypeError: `input` or `kernel` is no tensor of real numbers.
        ValueError: as in `filter3d`.

    >>> import torch
    >>> convolve3d(torch.tensor([[[[[0.0, 1.0, 0.0]]]]]), torch.tensor([[[[1.0, 2.0, 3.0]]]]))
    tensor([[[[[1., 2., 3.]]]]])
    """
    return filter3d.reference(input, kernel, border_type, normalized, "conv")
