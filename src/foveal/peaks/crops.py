# SPDX-License-Identifier: Apache-2.0
"""Patches cut around points: at integer positions the pixels themselves, between them bilinear."""

import torch
from jaxtyping import Float, Integer, UInt8
from torch import Tensor

from foveal._check import check_floating, check_integer, check_positive, check_shape, check_size, check_tensor
from foveal._op import op

Images = Float[Tensor, "samples channels height width"] | UInt8[Tensor, "samples channels height width"]
Patches = Float[Tensor, "n channels rows columns"] | UInt8[Tensor, "n channels rows columns"]


@op
def make_centered_bboxes(centroids: Float[Tensor, "n 2"], box_height: int, box_width: int) -> Float[Tensor, "n 4 2"]:
    """Return the corners of boxes of one size around points.

    Args:
        centroids: points (x, y) in pixels, (n, 2).
        box_height: rows of pixels in a box.
        box_width: columns of pixels in a box.

    Returns:
        Corners (x, y), (n, 4, 2): top-left, top-right, bottom-right, bottom-left.

    Raises:
        TypeError: `centroids` is not a floating-point tensor.
        ValueError: `centroids` is not (n, 2), or a side is not positive.

    Convention: corners are centres of the outermost pixels, so that opposite ones lie `side - 1` pixels apart.

    >>> make_centered_bboxes(torch.tensor([[5.0, 6.0]]), 3, 5)
    tensor([[[3., 5.],
             [7., 5.],
             [7., 7.],
             [3., 7.]]])
    """
    check_floating(centroids, "centroids")
    check_shape(centroids, "centroids", "n", 2)
    check_positive(box_height, "box_height")
    check_positive(box_width, "box_width")
    x, y = (box_width - 1) / 2, (box_height - 1) / 2
    return centroids[:, None] + centroids.new_tensor([[-x, -y], [x, -y], [x, y], [-x, y]])


@op
def crop_bboxes(
    images: Images,
    bboxes: Float[Tensor, "n 4 2"],
    sample_inds: Integer[Tensor, " n"],
    *,
    crop_size: tuple[int, int] | None = None,
) -> Patches:
    """Cut boxes of one size out of a batch of images.

    A crop starts at its box's top-left corner and goes on in steps of one pixel: at integer corners it is a gather, bit
    for bit, between them it is bilinear. Outside the image it is zero, and so is the crop of a box that holds NaN.

    Args:
        images: (samples, channels, height, width); bytes come back rounded to bytes.
        bboxes: corners (x, y) as `make_centered_bboxes` gives them, all of one size.
        sample_inds: the image of each box, (n,).
        crop_size: rows and columns of a crop. `None` reads them off the first box, which waits for the device and
            cannot be compiled.

    Returns:
        Crops, (n, channels, rows, columns); (0, channels, 0, 0) where neither a box nor `crop_size` tells the size.

    Raises:
        TypeError: `images` are neither floating-point nor uint8, or another argument has the wrong type.
        ValueError: an argument has the wrong shape, or the size is read off a box that holds NaN or infinity.

    Convention: corners are centres of the outermost pixels. Gradients reach the images and each top-left corner.

    >>> images = torch.arange(16.0).view(1, 1, 4, 4)
    >>> crop_bboxes(images, make_centered_bboxes(torch.tensor([[0.0, 1.5]]), 2, 3), torch.tensor([0]))
    tensor([[[[0., 4., 5.],
              [0., 8., 9.]]]])
    """
    check_shape(images, "images", "samples", "channels", "height", "width")
    if images.dtype is not torch.uint8:
        check_floating(images, "images")
    check_floating(bboxes, "bboxes")
    check_shape(bboxes, "bboxes", "n", 4, 2)
    check_integer(sample_inds, "sample_inds")
    check_shape(sample_inds, "sample_inds", len(bboxes))
    height, width = size_of_boxes(bboxes) if crop_size is None else crop_size
    check_size((height, width), "crop_size", 2, smallest=0)
    return sample_patches(images, sample_inds, bboxes[:, 0, 0], bboxes[:, 0, 1], height, width)


@op
def crop_centered_boxes(
    img: Images, peaks: Float[Tensor, "n 4"] | Integer[Tensor, "n 4"], window_length: int
) -> Float[Tensor, "n 1 window window"] | UInt8[Tensor, "n 1 window window"]:
    """Cut a square window around each peak, out of the peak's own channel.

    Args:
        img: (samples, channels, height, width); channels come second, where SLEAP has them last.
        peaks: subscripts [sample, row, column, channel], (n, 4).
        window_length: side of the window in pixels; an even one falls between the pixels of an integer peak.

    Returns:
        Windows, (n, 1, window_length, window_length), with zeros outside the image.

    Raises:
        TypeError: `img` is neither floating-point nor uint8, or `peaks` is not a tensor.
        ValueError: an argument has the wrong shape, or `window_length` is not positive.

    Convention: pixel centres are on integers. Gradients reach the image and the peaks' rows and columns.

    >>> crop_centered_boxes(torch.arange(16.0).view(1, 1, 4, 4), torch.tensor([[0, 1, 3, 0]]), 3)
    tensor([[[[ 2.,  3.,  0.],
              [ 6.,  7.,  0.],
              [10., 11.,  0.]]]])
    """
    check_shape(img, "img", "samples", "channels", "height", "width")
    if img.dtype is not torch.uint8:
        check_floating(img, "img")
    check_tensor(peaks, "peaks")
    check_shape(peaks, "peaks", "n", 4)
    check_positive(window_length, "window_length")
    samples, channels = peaks[:, 0].round().long(), peaks[:, 3].round().long()
    corners = (peaks if peaks.is_floating_point() else peaks.to(torch.float32)) - (window_length - 1) / 2
    maps = img.flatten(0, 1)[:, None]
    # Looked up, not multiplied, so that a channel out of range is an error and not another sample's map.
    index = torch.arange(len(maps), device=img.device).view(img.shape[:2])[samples, channels]
    return sample_patches(maps, index, corners[:, 2], corners[:, 1], window_length, window_length)


def size_of_boxes(bboxes: Float[Tensor, "n 4 2"]) -> tuple[int, int]:
    """Return rows and columns of the first box, 0 and 0 where there is none; this reads two values."""
    if len(bboxes) == 0:
        return 0, 0
    width, height = (bboxes[0, 2] - bboxes[0, 0]).abs().tolist()
    if not (width < float("inf") and height < float("inf")):
        raise ValueError(f"bboxes must start with a finite box where crop_size is not given, got {bboxes[0].tolist()}")
    return round(height) + 1, round(width) + 1


def sample_patches(
    images: Images,
    sample_inds: Integer[Tensor, " n"],
    left: Float[Tensor, " n"],
    top: Float[Tensor, " n"],
    height: int,
    width: int,
) -> Patches:
    """Cut patches of `height` x `width` pixels that start at (left, top), bilinearly, with zeros outside.

    The shape of the result follows from the arguments' shapes alone, so that this compiles.
    """
    columns, across, has_column = _neighbours(left, width, images.shape[3])
    rows, down, has_row = _neighbours(top, height, images.shape[2])
    if 0 in images.shape[2:]:
        return images.new_zeros(len(left), images.shape[1], height, width)
    # One row and one column more than the patch, so that each pixel is read once for its four neighbours.
    pixels = images[sample_inds.long()[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    pixels = torch.where((has_row[:, :, None] & has_column[:, None, :])[:, None], pixels, 0)
    if not images.is_floating_point():
        pixels = pixels.to(across.dtype)
    across, down = (part.to(pixels.dtype)[:, None, None, None] for part in (across, down))
    # Exact at a fraction of zero; and the difference comes first, for its sum is the gradient to the fraction.
    lines = pixels[..., :-1] + across * (pixels[..., 1:] - pixels[..., :-1])
    patches = lines[..., :-1, :] + down * (lines[..., 1:, :] - lines[..., :-1, :])
    return patches if images.is_floating_point() else patches.round().to(images.dtype)


def _neighbours(start: Tensor, length: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the `length + 1` pixels from `start` on one axis, the fraction past the first, and which ones exist."""
    # NaN and all that lies wholly outside moves just outside, where an integer can hold it.
    start = start.nan_to_num(nan=-length - 1.0).clamp(-length - 1, size)
    first = start.detach().floor()
    pixels = first.long()[:, None] + torch.arange(length + 1, device=start.device)
    exists = (pixels >= 0) & (pixels < size)
    return pixels.clamp(0, max(size - 1, 0)), start - first, exists
