# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of crops from upright boxes, with gradients to image and boxes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform._sample import MODES, PADDINGS
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.geometry.transform import _crop_adjoints, _crops

Options = tuple[bool, bool, bool, int, bool]
INTEGERS = (torch.int64, torch.int32)


def accepts_sampling(image: Tensor, boxes: Tensor, size: Any, mode: str, padding_mode: str, *flags: Any) -> bool:
    """Say whether loops over crops can run on these; shapes of boxes are left to the caller."""
    return (
        image.dtype is torch.float32
        and image.ndim == 4
        and 0 not in image.shape
        and isinstance(boxes, Tensor)
        and (boxes.dtype is torch.float32 or boxes.dtype in INTEGERS)
        and 0 not in boxes.shape
        and isinstance(size, tuple | list)
        and len(size) == 2
        and all(isinstance(side, int) and side > 0 for side in size)
        and mode in MODES
        and padding_mode in PADDINGS
        and all(isinstance(flag, bool) for flag in flags)
    )


def _accepts(
    image: Tensor,
    boxes: Tensor,
    size: tuple[int, int],
    normalized: bool,
    align_corners: bool,
    mode: str,
    padding_mode: str,
) -> bool:
    return (
        accepts_sampling(image, boxes, size, mode, padding_mode, normalized, align_corners)
        and boxes.ndim in (2, 3)
        and boxes.shape[0] == image.shape[0]
        and boxes.shape[-1] == 4
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    image = torch.zeros(1, 1, 2, 2)
    yield image.requires_grad_(), torch.zeros(1, 4, requires_grad=True), (2, 2), True, False, "bilinear", "zeros"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    image: Tensor,
    boxes: Tensor,
    size: tuple[int, int],
    normalized: bool,
    align_corners: bool,
    mode: str,
    padding_mode: str,
) -> tuple[Tensor | None, ...]:
    options = as_options(normalized, not align_corners, align_corners, padding_mode, mode)
    spans = boxes.view(len(boxes), -1, 4)
    crops = gradients[0].reshape(-1, image.shape[1], *size).contiguous()
    to_image, to_boxes = None, None
    if needs[0]:
        to_image = image_gradient(image, spans, options, crops)
    if needs[1]:
        moments, _, v = box_moments(image, spans, options, crops)
        x, y = moments[..., 0], moments[..., 3]
        right, bottom = moments[..., 1].sum(1), (y * v).sum(1)
        scale = [(side - align_corners) / 2 if normalized else 1.0 for side in (image.shape[3], image.shape[2])]
        sums = np.stack([x.sum(1) - right, y.sum(1) - bottom, right, bottom], axis=-1)
        to_boxes = torch.from_numpy((sums * np.array(scale * 2)).astype(np.float32)).view(boxes.shape)
    return to_image, to_boxes, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def crop_resample(
    image: Tensor,
    boxes: Tensor,
    size: tuple[int, int],
    normalized: bool,
    align_corners: bool,
    mode: str,
    padding_mode: str,
) -> Tensor:
    """Crop by crop: two tables of pixels and weights, then rows that are copied, blended or gathered."""
    options = as_options(normalized, not align_corners, align_corners, padding_mode, mode)
    crops = sample(image, boxes.view(len(boxes), -1, 4), size, options)
    return crops.view(*boxes.shape[:-1], image.shape[1], *size)


def as_options(normalized: bool, edges: bool, align_corners: bool, padding_mode: str, mode: str) -> Options:
    """Lay options out for the loops; `edges` says that boxes end at the outer edges of pixels, not at centres."""
    return normalized, edges, align_corners, PADDINGS.index(padding_mode), mode == "nearest"


def sample(image: Tensor, boxes: Tensor, size: tuple[int, int], options: Options) -> Tensor:
    """Return crops (B * N, C, h, w) of boxes (B, N, 4)."""
    images, spans = _images(image), _spans(boxes)
    result = empty(len(spans), image.shape[1], *size)
    parallel_for(
        _crops.sample_crops, len(spans) * size[0], images, spans, boxes.shape[1], options, as_array(result),
        work=result.numel(),
    )  # fmt: skip
    return result


def image_gradient(image: Tensor, boxes: Tensor, options: Options, gradients: Tensor) -> Tensor:
    """Return the gradient to the image; its memory is touched only where crops lie."""
    result = np.zeros(tuple(image.shape), np.float32)
    parallel_for(
        _crop_adjoints.crops_to_image, image.shape[0] * image.shape[2], _spans(boxes), boxes.shape[1], options,
        as_array(gradients), result, work=gradients.numel(),
    )  # fmt: skip
    return torch.from_numpy(result)


def box_moments(
    image: Tensor, boxes: Tensor, options: Options, gradients: Tensor
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the sums of `crops_to_boxes`, (B * N, h, 5), and the places u, v of columns and rows in their box."""
    rows, columns = gradients.shape[2:]
    u, v = (_fractions(count, options[1]) for count in (columns, rows))
    moments = np.empty((len(gradients), rows, 5), np.float32)
    parallel_for(
        _crop_adjoints.crops_to_boxes, len(gradients) * rows, _images(image), _spans(boxes), boxes.shape[1], options,
        as_array(gradients), u, moments, work=gradients.numel(),
    )  # fmt: skip
    return moments.astype(np.float64), u, v


def _fractions(count: int, edges: bool) -> np.ndarray[Any, Any]:
    places = np.arange(count, dtype=np.float32)
    if edges:
        return (places + 0.5) / count
    return places / (count - 1) if count > 1 else places + 0.5


def _images(image: Tensor) -> np.ndarray[Any, Any]:
    """Return the images; of an expanded batch the one image, which must not be copied."""
    return as_array(image[:1] if image.stride(0) == 0 else image)


def _spans(boxes: Tensor) -> np.ndarray[Any, Any]:
    return as_array(boxes.to(torch.float32).reshape(-1, 4))
