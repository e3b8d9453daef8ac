# SPDX-License-Identifier: Apache-2.0
"""The forms in which boxes come."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from foveal._check import check_option, check_tensor
from foveal.geometry.boxes._stored import Stored

MODES = ("xyxy", "xyxy_plus", "xywh", "vertices", "vertices_plus")
MODES3D = ("xyzxyz", "xyzxyz_plus", "xyzwhd")
EXPORTS3D = (*MODES3D, "vertices", "vertices_plus")


def check_mode(mode: Any, modes: Sequence[str]) -> str:
    """Return a mode in small letters, or raise unless it is one of `modes`."""
    if not isinstance(mode, str):
        raise TypeError(f"mode must be a string, got {type(mode).__name__}")
    check_option(mode.lower(), "mode", modes)
    return mode.lower()


def as_floats(boxes: Any) -> Tensor:
    """Return a tensor, or nested numbers, as a floating-point tensor."""
    tensor = boxes if isinstance(boxes, Tensor) else torch.as_tensor(boxes)
    return tensor if tensor.is_floating_point() else tensor.to(torch.get_default_dtype())


def check_boxes(boxes: Tensor, shape: tuple[int, ...]) -> None:
    """Raise unless boxes are (N, *shape) or (B, N, *shape)."""
    check_tensor(boxes, "boxes")
    extra = boxes.ndim - len(shape)
    if extra not in (1, 2) or tuple(boxes.shape[extra:]) != shape:
        wanted = ", ".join(map(str, shape))
        raise ValueError(f"boxes must have shape (N, {wanted}) or (B, N, {wanted}), got {tuple(boxes.shape)}")


def parse(boxes: Tensor, mode: str, validate: bool) -> tuple[Stored, bool]:
    """Store boxes of a mode in small letters; say as well whether they have a batch dimension."""
    if mode.startswith("vertices"):
        check_boxes(boxes, (4, 2))
        if validate:
            _check_finite(boxes)
        batched = boxes.ndim == 4
        return Stored.of(boxes if batched else boxes[None], exclusive=mode == "vertices"), batched
    axes = 3 if "z" in mode else 2
    check_boxes(boxes, (2 * axes,))
    batched = boxes.ndim == 3
    boxes = boxes if batched else boxes[None]
    start, second = boxes[..., :axes], boxes[..., axes:]
    sized = mode in ("xywh", "xyzwhd")
    end = start + second if sized else second
    if validate:
        _check_finite(boxes)
        _check_extents(second if sized else end - start + mode.endswith("_plus"))
    corners = Stored(torch.stack([start, end], dim=-2), *_flags(boxes, not mode.endswith("_plus")))
    # The corners may come in any order where they are not validated.
    vertices = corners.box_vertices(plus=mode.endswith("_plus"))
    return Stored.of(vertices, not mode.endswith("_plus"), second.abs() if sized else None), batched


def export(stored: Stored, mode: str) -> Tensor:
    """Return boxes along the axes in a mode in small letters."""
    if mode.startswith("vertices"):
        return stored.box_vertices(plus=mode == "vertices_plus")
    start, end = stored.bounds(plus=mode.endswith("_plus"))
    return torch.cat([start, stored.extents() if mode in ("xywh", "xyzwhd") else end], dim=-1)


def _flags(boxes: Tensor, exclusive: bool) -> tuple[Tensor, Tensor]:
    flags = torch.ones(boxes.shape[:-1], dtype=torch.bool, device=boxes.device)
    return (flags if exclusive else ~flags), flags


def _check_finite(boxes: Tensor) -> None:
    if not torch.compiler.is_compiling() and not bool(torch.isfinite(boxes).all()):
        raise ValueError("boxes must have finite coordinates; validate_boxes=False takes them as they are")


def _check_extents(sides: Tensor) -> None:
    if not torch.compiler.is_compiling() and not bool((sides > 0).all()):
        raise ValueError("boxes must have positive sides; validate_boxes=False takes them as they are")
