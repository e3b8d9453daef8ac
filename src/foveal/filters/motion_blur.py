# SPDX-License-Identifier: Apache-2.0
"""Blur of images and volumes by a motion along a line."""

from typing import Any

from jaxtyping import Float, Real
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_border, check_images, check_taps, correlate, narrow, widen
from foveal.filters.motion_kernels import motion_kernel2d, motion_kernel3d


@op
def motion_blur(
    input: Real[Tensor, "batch channels height width"],
    kernel_size: int,
    angle: Tensor | float,
    direction: Tensor | float,
    border_type: str = "reflect",
    mode: str = "nearest",
) -> Float[Tensor, "batch channels height width"]:
    """Blur images by a motion along a line.

    Args:
        input: images, (B, C, H, W); integers are blurred as float32.
        kernel_size: side of the kernel, odd and at least 3.
        angle: of the motion in degrees, counter-clockwise as displayed; a number or (B,).
        direction: where the weight lies, as in `get_motion_kernel2d`; a number or (B,).
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular", of any width.
        mode: how the line is sampled, "nearest" or "bilinear".

    Returns:
        Images, (B, C, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers, or `kernel_size` not an integer.
        ValueError: wrong shapes, or an unknown option.

    Convention: the kernel is correlated, so that a bright point is drawn out to the side opposite the heavy end.

    >>> import torch
    >>> motion_blur(torch.tensor([[[[0.0, 0.0, 3.0, 0.0, 0.0]]]]), 3, 0.0, 0.0, "constant")
    tensor([[[[0., 1., 1., 1., 0.]]]])
    """
    check_images(input, "input")
    check_border(border_type)
    image = widen(input)
    kernel = motion_kernel2d(kernel_size, angle, direction, mode, image)
    check_taps(kernel, "kernel", input.shape[0], "kH", "kW")
    return narrow(correlate(image, kernel, border_type), input)


class MotionBlur(module(motion_blur, inputs=("input",))): ...


@op
def motion_blur3d(
    input: Real[Tensor, "batch channels depth height width"],
    kernel_size: int,
    angle: Tensor | tuple[float, float, float],
    direction: Tensor | float,
    border_type: str = "replicate",
    mode: str = "nearest",
) -> Float[Tensor, "batch channels depth height width"]:
    """Blur volumes by a motion along a line.

    Args:
        input: volumes, (B, C, D, H, W); integers are blurred as float32.
        kernel_size: side of the kernel, odd and at least 3.
        angle: an axis times an angle in degrees (Rodrigues), three numbers or (B, 3).
        direction: where the weight lies, as in `get_motion_kernel2d`; a number or (B,).
        border_type: what lies outside: "constant" (zeros), "reflect", "replicate" or "circular", of any width.
        mode: how the line is sampled, "nearest" or "bilinear".

    Returns:
        Volumes, (B, C, D, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers, or `kernel_size` not an integer.
        ValueError: wrong shapes, or an unknown option.

    Convention: as `motion_blur`.

    >>> import torch
    >>> motion_blur3d(torch.tensor([[[[[0.0, 0.0, 3.0, 0.0, 0.0]]]]]), 3, (0.0, 0.0, 0.0), 0.0)
    tensor([[[[[0., 1., 1., 1., 0.]]]]])
    """
    check_images(input, "input", "B", "C", "D", "H", "W")
    check_border(border_type)
    volume = widen(input)
    kernel = motion_kernel3d(kernel_size, angle, direction, mode, volume)
    check_taps(kernel, "kernel", input.shape[0], "kD", "kH", "kW")
    return narrow(correlate(volume, kernel, border_type), input)


class MotionBlur3D(module(motion_blur3d, inputs=("input",))):
    """Module form of `motion_blur3d`, whose `angle` may be one number for all three axes."""

    def __init__(
        self,
        kernel_size: int,
        angle: Any,
        direction: Any,
        border_type: str = "replicate",
        mode: str = "nearest",
    ) -> None:
        if isinstance(angle, int | float):
            angle = (angle, angle, angle)
        angle = tuple(angle) if isinstance(angle, list) else angle
        super().__init__(kernel_size, angle, direction, border_type, mode)
