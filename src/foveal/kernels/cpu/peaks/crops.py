# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the crops: one pass over the rows of each box, without index maps."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.peaks.crops import size_of_boxes

f32 = np.float32
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def _accepts_images(images: Tensor) -> bool:
    # Images laid out otherwise would be copied whole for the sake of a few boxes.
    return images.dtype is torch.float32 and images.ndim == 4 and 0 not in images.shape[1:] and images.is_contiguous()


def _accepts_bboxes(images: Tensor, bboxes: Tensor, sample_inds: Tensor, crop_size: Any) -> bool:
    return (
        _accepts_images(images)
        and isinstance(bboxes, Tensor)
        and bboxes.dtype is torch.float32
        and bboxes.shape[1:] == (4, 2)
        and isinstance(sample_inds, Tensor)
        and sample_inds.dtype in INTEGERS
        and sample_inds.shape == bboxes.shape[:1]
        and (crop_size is None or _is_size(crop_size))
    )


def _is_size(size: Any) -> bool:
    return isinstance(size, tuple | list) and len(size) == 2 and all(type(side) is int and side >= 0 for side in size)


def _bboxes_examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), torch.zeros(1, 4, 2), torch.zeros(1, dtype=torch.int64), (2, 2)


def _bboxes_adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    images: Tensor,
    bboxes: Tensor,
    sample_inds: Tensor,
    crop_size: tuple[int, int] | None,
) -> tuple[Tensor | None, ...]:
    index = _checked(sample_inds, len(images))
    by_images, by_corners = _adjoint(needs[0], needs[1], gradients[0], images, index, bboxes[:, 0])
    if by_corners is not None:
        by_corners = torch.nn.functional.pad(by_corners[:, None], (0, 0, 0, 3))
    return by_images, by_corners, None, None


@kernel(accepts=_accepts_bboxes, adjoint=_bboxes_adjoint, examples=_bboxes_examples, keep_outputs=False)
def crop_bboxes(images: Tensor, bboxes: Tensor, sample_inds: Tensor, crop_size: tuple[int, int] | None) -> Tensor:
    """Crop at the top-left corners of boxes."""
    height, width = size_of_boxes(bboxes) if crop_size is None else crop_size
    return _forward(images, _checked(sample_inds, len(images)), bboxes[:, 0], height, width)


def _accepts_centered(img: Tensor, peaks: Tensor, window_length: Any) -> bool:
    return (
        _accepts_images(img)
        and isinstance(peaks, Tensor)
        and (peaks.dtype is torch.float32 or peaks.dtype in INTEGERS)
        and peaks.shape[1:] == (4,)
        and type(window_length) is int
        and window_length > 0
    )


def _centered_examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), torch.zeros(1, 4), 3


def _centered_adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    img: Tensor,
    peaks: Tensor,
    window_length: int,
) -> tuple[Tensor | None, ...]:
    index, corners = _windows(img, peaks, window_length)
    by_img, by_corners = _adjoint(needs[0], needs[1], gradients[0], img.view(-1, 1, *img.shape[2:]), index, corners)
    if by_img is not None:
        by_img = by_img.view(img.shape)
    if by_corners is not None:
        by_corners = torch.nn.functional.pad(by_corners.flip(-1), (1, 1))
    return by_img, by_corners, None


@kernel(accepts=_accepts_centered, adjoint=_centered_adjoint, examples=_centered_examples, keep_outputs=False)
def crop_centered_boxes(img: Tensor, peaks: Tensor, window_length: int) -> Tensor:
    """Crop around subscripts, each channel taken as an image."""
    index, corners = _windows(img, peaks, window_length)
    return _forward(img.view(-1, 1, *img.shape[2:]), index, corners, window_length, window_length)


def _windows(img: Tensor, peaks: Tensor, window_length: int) -> tuple[np.ndarray[Any, Any], Tensor]:
    """Return the plane of each peak, and the top-left corner (x, y) of its window."""
    samples, channels = img.shape[:2]
    subscripts = peaks.detach()
    index = _checked(subscripts[:, 0].round(), samples) * channels + _checked(subscripts[:, 3].round(), channels)
    return index, subscripts[:, [2, 1]].to(torch.float32) - (window_length - 1) / 2


def _checked(index: Tensor, size: int) -> np.ndarray[Any, Any]:
    """Return indices from 0, negative ones counted from the end, once all are seen to be in range."""
    values = as_array(index.long())
    outside = values[(values < -size) | (values >= size)]
    if outside.size:
        raise IndexError(f"index {outside[0]} is out of bounds for {size} samples or channels")
    return np.where(values < 0, values + size, values)


def _forward(images: Tensor, index: np.ndarray[Any, Any], corners: Tensor, height: int, width: int) -> Tensor:
    result = empty(len(index), images.shape[1], height, width)
    parallel_for(
        _crop, len(index), as_array(images), index, as_array(corners), result.numpy(), work=result.numel()
    )  # fmt: skip
    return result


def _adjoint(
    to_images: bool, to_corners: bool, gradient: Tensor, images: Tensor, index: np.ndarray[Any, Any], corners: Tensor
) -> tuple[Tensor | None, Tensor | None]:
    by_images = by_corners = None
    gradients, pixels, starts = as_array(gradient), as_array(images), as_array(corners)
    if to_images:
        by_images = empty(*images.shape)
        # Boxes overlap, planes do not; a list of each image's boxes spares every plane a search.
        order = np.argsort(index, kind="stable")
        bounds = np.searchsorted(index[order], np.arange(len(images) + 1))
        parallel_for(
            _crop_adjoint, images.shape[0] * images.shape[1], gradients, order, bounds, starts, by_images.numpy(),
            work=by_images.numel() + gradients.size,
        )  # fmt: skip
    if to_corners:
        by_corners = empty(len(index), 2)
        parallel_for(
            _corner_adjoint, len(index), gradients, pixels, index, starts, by_corners.numpy(), work=gradients.size
        )
    return by_images, by_corners


@compile_kernel
def _start(position, length, size):
    """Return first pixel, fraction past it, and which part of the `length + 1` pixels from there lies in the image."""
    position = f32(-length - 1) if not position >= f32(-length - 1) else position
    position = f32(size) if position > f32(size) else position
    whole = np.floor(position)
    first = int(whole)
    return first, position - whole, min(max(-first, 0), length + 1), max(min(size - first, length + 1), 0)


@compile_kernel
def _read(plane, row, first, begin, end, line):
    """Copy the pixels of one row that lie in the image; the rest of `line` stays zero."""
    inside = 0 <= row < plane.shape[0] and begin < end
    if inside:
        source, target = plane[row, first + begin : first + end], line[begin:end]
        for j in range(target.shape[0]):
            target[j] = source[j]
    else:
        line[:] = f32(0)


@compile_kernel
def _crop(start, stop, images, index, corners, result):
    height, width = result.shape[2], result.shape[3]
    upper, lower = np.empty(width + 1, f32), np.empty(width + 1, f32)
    for box in range(start, stop):
        left, across, begin, end = _start(corners[box, 0], width, images.shape[3])
        top, down, first, last = _start(corners[box, 1], height, images.shape[2])
        inside = begin == 0 and first == 0 and end == width + 1 and last == height + 1
        for channel in range(images.shape[1]):
            if inside:
                _crop_inside(images[index[box], channel], top, left, across, down, result[box, channel])
            else:
                upper[:], lower[:] = f32(0), f32(0)
                plane = images[index[box], channel]
                for i in range(height):
                    row, here, there = result[box, channel, i], upper[:width], upper[1:]
                    _read(plane, top + i, left, begin, end, upper)
                    if down != f32(0):
                        _read(plane, top + i + 1, left, begin, end, lower)
                        for j in range(width + 1):
                            upper[j] = upper[j] * (f32(1) - down) + lower[j] * down
                    for j in range(width):
                        row[j] = here[j] * (f32(1) - across) + there[j] * across if across != f32(0) else here[j]


@compile_kernel
def _crop_inside(plane, top, left, across, down, result):
    height, width = result.shape
    if across == f32(0) and down == f32(0):
        pixels = plane[top : top + height, left : left + width]
        for i in range(height):
            for j in range(width):
                result[i, j] = pixels[i, j]
        return
    a = plane[top : top + height, left : left + width]
    b = plane[top : top + height, left + 1 : left + 1 + width]
    c = plane[top + 1 : top + 1 + height, left : left + width]
    d = plane[top + 1 : top + 1 + height, left + 1 : left + 1 + width]
    for i in range(height):
        for j in range(width):
            above = a[i, j] * (f32(1) - across) + b[i, j] * across
            below = c[i, j] * (f32(1) - across) + d[i, j] * across
            result[i, j] = above * (f32(1) - down) + below * down


@compile_kernel
def _crop_adjoint(start, stop, gradients, order, bounds, corners, result):
    """Add each crop's gradient to the four pixels that it was blended from."""
    height, width = gradients.shape[2], gradients.shape[3]
    line = np.empty(width + 1, f32)
    for plane in range(start, stop):
        sample, channel = plane // result.shape[1], plane % result.shape[1]
        image = result[sample, channel]
        image[:] = f32(0)
        for place in range(bounds[sample], bounds[sample + 1]):
            box = order[place]
            left, across, begin, end = _start(corners[box, 0], width, image.shape[1])
            top, down, _, _ = _start(corners[box, 1], height, image.shape[0])
            for i in range(height):
                if begin < end and -1 <= top + i < image.shape[0]:
                    row, here, there = gradients[box, channel, i], line[:width], line[1:]
                    line[width] = f32(0)
                    for j in range(width):
                        here[j] = row[j] * (f32(1) - across)
                    for j in range(width):
                        there[j] += row[j] * across
                    source = line[begin:end]
                    if top + i >= 0:
                        target = image[top + i, left + begin : left + end]
                        for j in range(source.shape[0]):
                            target[j] += source[j] * (f32(1) - down)
                    if top + i + 1 < image.shape[0] and down != f32(0):
                        target = image[top + i + 1, left + begin : left + end]
                        for j in range(source.shape[0]):
                            target[j] += source[j] * down


@compile_kernel
def _corner_adjoint(start, stop, gradients, images, index, corners, result):
    """The derivative of a bilinear value by x is the blended difference of the pixels beside it; by y, above it."""
    height, width = gradients.shape[2], gradients.shape[3]
    upper, lower = np.zeros(width + 1, f32), np.zeros(width + 1, f32)
    for box in range(start, stop):
        left, across, begin, end = _start(corners[box, 0], width, images.shape[3])
        top, down, first, last = _start(corners[box, 1], height, images.shape[2])
        inside = begin == 0 and first == 0 and end == width + 1 and last == height + 1
        upper[:], lower[:] = f32(0), f32(0)
        by_x, by_y = f32(0), f32(0)
        for channel in range(images.shape[1]):
            plane = images[index[box], channel]
            for i in range(height):
                if inside:
                    here, there = plane[top + i], plane[top + i + 1]
                    here, there = here[left : left + width + 1], there[left : left + width + 1]
                else:
                    here, there = upper, lower
                    _read(plane, top + i, left, begin, end, here)
                    _read(plane, top + i + 1, left, begin, end, there)
                row_x, row_y = _slopes(gradients[box, channel, i], here, there, across, down)
                by_x += row_x
                by_y += row_y
        result[box, 0], result[box, 1] = by_x, by_y


@compile_kernel
def _slopes(gradient, upper, lower, across, down):
    width = gradient.shape[0]
    a, b, c, d = upper[:width], upper[1:], lower[:width], lower[1:]
    by_x, by_y = f32(0), f32(0)
    for j in range(width):
        above, below = b[j] - a[j], d[j] - c[j]
        by_x += gradient[j] * (above * (f32(1) - down) + below * down)
        by_y += gradient[j] * ((c[j] - a[j]) * (f32(1) - across) + (d[j] - b[j]) * across)
    return by_x, by_y
