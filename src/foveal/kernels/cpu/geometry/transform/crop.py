# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of crops from quadrilaterals: upright ones in compiled loops, turned and skewed ones by the reference."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform import crop
from foveal.kernels._kernel import differentiate, kernel
from foveal.kernels.cpu.geometry.transform.crop_resample import (
    accepts_sampling,
    as_options,
    box_moments,
    image_gradient,
    sample,
)

# The corners: top-left, top-right, bottom-right, bottom-left.
SKEW = np.array([1.0, -1.0, 1.0, -1.0])


def _accepts(
    input_tensor: Tensor, boxes: Tensor, size: tuple[int, int], mode: str, padding_mode: str, align_corners: bool
) -> bool:
    return (
        accepts_sampling(input_tensor, boxes, size, mode, padding_mode, align_corners)
        and boxes.ndim == 3
        and boxes.shape[0] in (1, input_tensor.shape[0])
        and boxes.shape[1:] == (4, 2)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    image = torch.zeros(1, 1, 2, 2)
    yield image.requires_grad_(), torch.zeros(1, 4, 2, requires_grad=True), (2, 2), "bilinear", "zeros", True


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input_tensor: Tensor,
    boxes: Tensor,
    size: tuple[int, int],
    mode: str,
    padding_mode: str,
    align_corners: bool,
) -> tuple[Tensor | None, ...]:
    spans = _upright(boxes, len(input_tensor))
    if spans is None:
        arguments = (input_tensor, boxes, size, mode, padding_mode, align_corners)
        return differentiate(crop.crop_and_resize.reference, arguments, gradients, needs)
    options = as_options(False, False, align_corners, padding_mode, mode)
    crops = gradients[0].contiguous()
    to_image = image_gradient(input_tensor, spans, options, crops) if needs[0] else None
    to_boxes = None
    if needs[1]:
        moments, _, v = box_moments(input_tensor, spans, options, crops)
        corners = torch.from_numpy(_corner_gradients(moments, v, spans.numpy()[:, 0])).to(torch.float32)
        to_boxes = corners if len(boxes) == len(corners) else corners.sum(0, keepdim=True)
    return to_image, to_boxes, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def crop_and_resize(
    input_tensor: Tensor, boxes: Tensor, size: tuple[int, int], mode: str, padding_mode: str, align_corners: bool
) -> Tensor:
    """Sample upright boxes, which are where most crops come from, in loops that store no grid."""
    spans = _upright(boxes, len(input_tensor))
    if spans is None:
        return crop.crop_and_resize.reference(input_tensor, boxes, size, mode, padding_mode, align_corners)
    return sample(input_tensor, spans, size, as_options(False, False, align_corners, padding_mode, mode))


def _upright(boxes: Tensor, batch: int) -> Tensor | None:
    """Return boxes as (x0, y0, x1, y1), (B, 1, 4), or `None` where one of them is not upright."""
    corners = boxes.detach().to(torch.float32)
    top_left, top_right, bottom_right, bottom_left = corners.numpy().transpose(1, 2, 0)
    sides = ((top_left[0], bottom_left[0]), (top_right[0], bottom_right[0]))
    levels = ((top_left[1], top_right[1]), (bottom_left[1], bottom_right[1]))
    if not all(np.array_equal(*pair) for pair in (*sides, *levels)):
        return None
    return corners[:, ::2].reshape(-1, 1, 4).expand(batch, 1, 4)


def _corner_gradients(
    moments: np.ndarray[Any, Any], v: np.ndarray[Any, Any], spans: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the gradient to the four corners, (B, 4, 2), at an upright box of width W and height H.

    A homography moves its point (u, v) by the bilinear mix of what its corners move by, and, where the box loses its
    shape by S = d0 - d1 + d2 - d3, by (-W / H * u (1 - u) * Sy, -H / W * v (1 - v) * Sx) on top.
    """
    x, x_u, x_uu, y, y_u = np.moveaxis(moments, -1, 0)
    by_x = _bilinear(x, x_u, v)
    by_y = _bilinear(y, y_u, v)
    width, height = spans[:, 2] - spans[:, 0], spans[:, 3] - spans[:, 1]
    flat = width * height == 0
    across = np.where(flat, 0, width) / np.where(flat, 1, height) * (x_u - x_uu).sum(1)
    down = np.where(flat, 0, height) / np.where(flat, 1, width) * (y * v * (1 - v)).sum(1)
    return np.stack([by_x - down[:, None] * SKEW, by_y - across[:, None] * SKEW], axis=-1)


def _bilinear(total: np.ndarray[Any, Any], right: np.ndarray[Any, Any], v: np.ndarray[Any, Any]) -> Any:
    """Return a derivative's sums weighted by each corner's share, from its row sums times 1 and u."""
    left = total - right
    return np.stack([(left * (1 - v)).sum(1), (right * (1 - v)).sum(1), (right * v).sum(1), (left * v).sum(1)], axis=1)
