# SPDX-License-Identifier: Apache-2.0
"""Kernels of motion: a line of weights, turned."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_count, check_option, check_shape
from foveal._op import op

MODES = ("nearest", "bilinear")
# Places of this many decimals: what lies exactly between two taps stays there, though sines are rounded.
_DECIMALS = 9


@op
def get_motion_kernel2d(
    kernel_size: int, angle: Tensor | float, direction: Tensor | float = 0.0, mode: str = "nearest"
) -> Float[Tensor, "kernels size size"]:
    """Return the kernel of a motion along a line.

    Args:
        kernel_size: side of the kernel, odd and at least 3.
        angle: of the line in degrees, counter-clockwise as displayed; a number or (B,).
        direction: where the weight lies, from -1 (right end of the line that is not turned) over 0 (even) to 1 (left
            end); a number or (B,).
        mode: how the line is sampled, "nearest" (a tie goes to the even place) or "bilinear".

    Returns:
        Kernels that sum to one, (B, size, size), (1, size, size) for numbers; in the dtype of a tensor, else float32.

    Raises:
        TypeError: `kernel_size` is not an integer.
        ValueError: it is even or less than 3, tensors of wrong shapes, or an unknown `mode`.

    >>> get_motion_kernel2d(3, 215.0, -0.5)
    tensor([[[0.0000, 0.0000, 0.1667],
             [0.0000, 0.3333, 0.0000],
             [0.5000, 0.0000, 0.0000]]])
    """
    return motion_kernel2d(kernel_size, angle, direction, mode, _like(angle, direction))


def motion_kernel2d(
    kernel_size: int, angle: Tensor | float, direction: Tensor | float, mode: str, like: Tensor
) -> Tensor:
    """Return `get_motion_kernel2d` in the dtype and on the device of a tensor."""
    _check_line(kernel_size, mode)
    angles, directions = _batched(angle, (), direction, like)
    radians = torch.deg2rad(angles)
    cosine, sine = radians.cos().view(-1, 1, 1), radians.sin().view(-1, 1, 1)
    offsets = torch.arange(kernel_size, dtype=torch.float64, device=angles.device) - kernel_size // 2
    x, y = offsets, offsets.unsqueeze(-1)
    return _line(cosine * x - sine * y, (sine * x + cosine * y,), directions, mode).to(like.dtype)


@op
def get_motion_kernel3d(
    kernel_size: int,
    angle: Tensor | tuple[float, float, float],
    direction: Tensor | float = 0.0,
    mode: str = "nearest",
) -> Float[Tensor, "kernels size size size"]:
    """Return the kernel of a motion along a line in a volume.

    Args:
        kernel_size: side of the kernel, odd and at least 3.
        angle: how the line, along x at first, is turned: an axis times an angle in degrees (Rodrigues), three numbers
            or (B, 3).
        direction: where the weight lies, as in `get_motion_kernel2d`.
        mode: how the line is sampled, "nearest" (a tie goes to the even place) or "bilinear".

    Returns:
        Kernels that sum to one, (B, size, size, size), over z, y and x.

    Raises:
        TypeError: `kernel_size` is not an integer.
        ValueError: it is even or less than 3, tensors of wrong shapes, or an unknown `mode`.

    >>> get_motion_kernel3d(3, (0.0, 0.0, 90.0), 1.0)[0, 1]
    tensor([[0.0000, 0.6667, 0.0000],
            [0.0000, 0.3333, 0.0000],
            [0.0000, 0.0000, 0.0000]])

    Source: Rodrigues' rotation formula.
    """
    return motion_kernel3d(kernel_size, angle, direction, mode, _like(angle, direction))


def motion_kernel3d(
    kernel_size: int, angle: Tensor | tuple[float, float, float], direction: Tensor | float, mode: str, like: Tensor
) -> Tensor:
    """Return `get_motion_kernel3d` in the dtype and on the device of a tensor."""
    _check_line(kernel_size, mode)
    angles, directions = _batched(angle, (3,), direction, like)
    offsets = torch.arange(kernel_size, dtype=torch.float64, device=angles.device) - kernel_size // 2
    z, y, x = torch.meshgrid(offsets, offsets, offsets, indexing="ij")
    back = _rotation(torch.deg2rad(angles)).mT[:, :, :, None, None, None]
    places = back[:, :, 0] * x + back[:, :, 1] * y + back[:, :, 2] * z
    return _line(places[:, 0], (places[:, 1], places[:, 2]), directions, mode).to(like.dtype)


def _check_line(kernel_size: int, mode: str) -> None:
    """Raise unless these are a size and a mode of a motion kernel."""
    check_count(kernel_size, "kernel_size")
    if kernel_size < 3 or kernel_size % 2 == 0:
        raise ValueError(f"kernel_size must be odd and at least 3, got {kernel_size}")
    check_option(mode, "mode", MODES)


def _like(*values: Any) -> Tensor:
    """Return an empty tensor of the dtype and on the device of the tensors among the arguments."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    dtype = None
    for tensor in tensors:
        if tensor.is_floating_point():
            dtype = tensor.dtype if dtype is None else torch.promote_types(dtype, tensor.dtype)
    return torch.empty(0, dtype=dtype or torch.float32, device=tensors[0].device if tensors else torch.device("cpu"))


def _batched(
    angle: Tensor | float | tuple[float, ...], shape: tuple[int, ...], direction: Tensor | float, like: Tensor
) -> tuple[Tensor, Tensor]:
    """Return angles (B, *shape) and directions (B,) as float64."""
    tensors = []
    for value, tail, name in ((angle, shape, "angle"), (direction, (), "direction")):
        tensor = torch.as_tensor(value, dtype=torch.float64, device=like.device)
        tensor = tensor.unsqueeze(0) if tensor.ndim == len(tail) else tensor
        check_shape(tensor, name, "B", *tail)
        tensors.append(tensor)
    angles, directions = tensors
    count = directions.shape[0] if angles.shape[0] == 1 else angles.shape[0]
    if directions.shape[0] not in (1, count):
        raise ValueError(f"direction must have 1 or {count} entries, got {directions.shape[0]}")
    return angles.expand(count, *shape), directions.expand(count)


def _rotation(vector: Tensor) -> Tensor:
    """Return the rotation matrices (B, 3, 3) of axes times angles in radians, with a gradient at zero."""
    squared = (vector * vector).sum(-1)
    turned = squared > 0
    theta = torch.where(turned, squared, 1.0).sqrt()
    first = torch.where(turned, theta.sin() / theta, 1.0).view(-1, 1, 1)
    second = torch.where(turned, 2 * ((theta / 2).sin() / theta) ** 2, 0.5).view(-1, 1, 1)
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).view(-1, 3, 3)
    return torch.eye(3, dtype=vector.dtype, device=vector.device) + first * cross + second * cross @ cross


def _line(along: Tensor, across: tuple[Tensor, ...], directions: Tensor, mode: str) -> Tensor:
    """Sample the line of weights at places relative to its middle, (B, *sizes), and let each kernel sum to one."""
    size = along.shape[-1]
    middle = size // 2
    forward = (directions.clamp(-1, 1) + 1).unsqueeze(-1) / 2
    taps = torch.arange(size, dtype=along.dtype, device=along.device)
    weights = forward + (1 - 2 * forward) * taps / (size - 1)
    if mode == "nearest":
        tap = _nearest(along + middle)
        on = (tap >= 0) & (tap < size)
        for place in across:
            on = on & (_nearest(place + middle) == middle)
        index = tap.clamp(0, size - 1).long()
        line = weights.gather(1, index.flatten(1)).view(index.shape) * on
    else:
        line = _hat((along + middle).unsqueeze(-1) - taps)
        line = (line * weights.view(-1, *(1,) * (along.ndim - 1), size)).sum(-1)
        for place in across:
            line = line * _hat(place)
    return line / line.flatten(1).sum(1).view(-1, *(1,) * (along.ndim - 1))


def _nearest(place: Tensor) -> Tensor:
    return place.detach().round(decimals=_DECIMALS).round()


def _hat(distance: Tensor) -> Tensor:
    """Return the weight of a neighbour at a distance in linear interpolation."""
    return (1 - distance.abs()).clamp(min=0)
