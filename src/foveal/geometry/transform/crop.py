# SPDX-License-Identifier: Apache-2.0
"""Crops as Kornia calls them: boxes are four corners, which are centres of pixels."""

import math
from enum import Enum

import torch
from jaxtyping import Float, Num
from torch import Tensor, nn

from foveal._border import pad
from foveal._check import check_floating, check_option, check_shape, check_size
from foveal._op import op
from foveal.geometry.transform._sample import check_boxes, check_image, check_sampling, sample, wide_dtype
from foveal.geometry.transform.perspective import (
    map_pixels,
    quadrilateral_to_quadrilateral,
    square_to_quadrilateral,
    warp_perspective,
)

# Coordinates of boxes are rounded: 0.1 + 3 - 0.1 is three pixels, not two.
ROUNDING = 1e-4


@op
def crop_and_resize(
    input_tensor: Float[Tensor, "batch channels height width"],
    boxes: Num[Tensor, "#batch 4 2"],
    size: tuple[int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Float[Tensor, "batch channels rows columns"]:
    """Sample a quadrilateral of each image on a grid: its corners become the corner pixels of the crop.

    Args:
        input_tensor: images, (B, C, H, W).
        boxes: corners (x, y) in pixels: top-left, top-right, bottom-right, bottom-left, (B, 4, 2), or (1, 4, 2) for all
            images. Mirrored, turned and perspective quadrilaterals are read in this order too.
        size: rows and columns of a crop.
        mode: `"bilinear"`, or `"nearest"`, which has no gradient to the boxes.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: reflect about the centres of the outer pixels, else about their outer edges; nothing else
            depends on it, for boxes are in pixels.

    Returns:
        Crops, (B, C, h, w).

    Raises:
        TypeError: `input_tensor` is not a floating-point tensor, or `boxes` not a tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: corners are centres of pixels, so that a box from (1, 1) to (2, 2) holds 2x2 pixels. A crop of one row
    or column samples the middle of its box.

    >>> box = torch.tensor([[[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]]])
    >>> crop_and_resize(torch.arange(16.0).view(1, 1, 4, 4), box, (2, 2))
    tensor([[[[ 5.,  6.],
              [ 9., 10.]]]])
    """
    check_image(input_tensor, "input_tensor")
    check_boxes(boxes, "boxes", input_tensor)
    check_size(size, "size", 2, smallest=0)
    check_sampling(mode, padding_mode)
    boxes = boxes.to(wide_dtype(input_tensor, boxes)).expand(input_tensor.shape[0], 4, 2)
    across, down, origin = square_to_quadrilateral(boxes).unbind(-1)
    if size[1] == 1:
        origin = origin + across * 0.5
    if size[0] == 1:
        origin = origin + down * 0.5
    steps = [across / max(size[1] - 1, 1), down / max(size[0] - 1, 1), origin]
    x, y = map_pixels(torch.stack(steps, dim=-1), size)
    start = boxes[:, 0, :, None, None]
    return sample(input_tensor, x + start[:, 0], y + start[:, 1], mode, padding_mode, align_corners)


@op
def crop_by_boxes(
    input_tensor: Float[Tensor, "batch channels height width"],
    src_box: Num[Tensor, "#batch 4 2"],
    dst_box: Num[Tensor, "#batch 4 2"],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
    validate_boxes: bool = True,
) -> Float[Tensor, "batch channels rows columns"]:
    """Warp each image so that a quadrilateral of it falls on another, and keep as many pixels as the latter spans.

    Args:
        input_tensor: images, (B, C, H, W).
        src_box: corners in the image as for `crop_and_resize`, (B, 4, 2) or (1, 4, 2).
        dst_box: where they fall in the crop; all of one width and height, which are the size of the crop.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `crop_and_resize`.
        validate_boxes: raise where the boxes of `dst_box` differ in size, else the first one counts for all.

    Returns:
        Crops, (B, C, h, w) with w = x1 - x0 + 1 and h = y2 - y0 + 1; (0, C, 0, 0) for an empty batch.

    Raises:
        TypeError: `input_tensor` is not a floating-point tensor, or a box not a tensor.
        ValueError: an argument has the wrong shape, boxes differ in size, or an option is unknown.

    Convention: the size is read off values, which waits for the device; `crop_and_resize` does not. A destination of no
    width takes the middle of its source.

    >>> source = torch.tensor([[[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]]])
    >>> crop_by_boxes(torch.arange(16.0).view(1, 1, 4, 4), source, source - 1)
    tensor([[[[ 5.,  6.],
              [ 9., 10.]]]])
    """
    check_image(input_tensor, "input_tensor")
    check_boxes(src_box, "src_box", input_tensor)
    check_boxes(dst_box, "dst_box", input_tensor)
    check_sampling(mode, padding_mode)
    batch = input_tensor.shape[0]
    if batch == 0:
        return input_tensor[..., :0, :0]
    size = _size_of(dst_box, validate_boxes)
    dtype = wide_dtype(input_tensor, src_box, dst_box)
    source, target = (box.to(dtype).expand(batch, 4, 2) for box in (src_box, dst_box))
    half = target.new_tensor([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    narrow = (target[:, 1] == target[:, 0]).all(dim=-1)
    low = (target[:, 3] == target[:, 0]).all(dim=-1)
    target = target + half * torch.stack([narrow, low], dim=-1).unsqueeze(1)
    back = quadrilateral_to_quadrilateral(target, source)
    # A homography is given by where it sends four corners: those of the crop.
    corners = _mapped(back, _corners(0, 0, size[1] - 1, size[0] - 1, like=target))
    return crop_and_resize(input_tensor, corners, size, mode, padding_mode, align_corners)


@op
def crop_by_transform_mat(
    input_tensor: Float[Tensor, "batch channels height width"],
    transform: Float[Tensor, "#batch 3 3"] | Float[Tensor, "#batch 2 3"],
    out_size: tuple[int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Float[Tensor, "batch channels rows columns"]:
    """Warp images by homographies or affine maps, and keep `out_size` pixels.

    Args:
        input_tensor: images, (B, C, H, W).
        transform: maps from pixels of the image to pixels of the crop, (B, 3, 3) or (B, 2, 3); one serves all images.
        out_size: rows and columns of a crop.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `crop_and_resize`.

    Returns:
        Crops, (B, C, h, w).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: the matrix acts from the left on columns (x, y, 1), pixel centres are on integers.

    >>> shift = torch.tensor([[[1.0, 0.0, -1.0], [0.0, 1.0, -2.0]]])
    >>> crop_by_transform_mat(torch.arange(16.0).view(1, 1, 4, 4), shift, (2, 2))
    tensor([[[[ 9., 10.],
              [13., 14.]]]])
    """
    check_image(input_tensor, "input_tensor")
    check_floating(transform, "transform")
    check_shape(transform, "transform", "B", 3 if transform.shape[1:2] != (2,) else 2, 3)
    check_size(out_size, "out_size", 2, smallest=0)
    check_sampling(mode, padding_mode)
    if transform.shape[1] == 2:
        last = torch.eye(3, device=transform.device, dtype=transform.dtype)[2:].expand(transform.shape[0], 1, 3)
        transform = torch.cat([transform, last], dim=1)
    return warp_perspective(input_tensor, transform, out_size, mode, padding_mode, align_corners)


@op
def center_crop(
    input_tensor: Float[Tensor, "batch channels height width"],
    size: tuple[int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Float[Tensor, "batch channels rows columns"]:
    """Cut the middle out of images, at their own scale.

    Args:
        input_tensor: images, (B, C, H, W).
        size: rows and columns of a crop; more than the image has adds padding around it.
        mode: `"bilinear"`, or `"nearest"`, for a middle between two pixels the one to the right, or below.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `crop_and_resize`.

    Returns:
        Crops, (B, C, h, w).

    Raises:
        TypeError: `input_tensor` is not a floating-point tensor.
        ValueError: `input_tensor` is not (B, C, H, W), or an option is unknown.

    Convention: where a side of image and crop differ by an odd number of pixels, the crop lies between pixels.

    >>> center_crop(torch.arange(16.0).view(1, 1, 4, 4), (2, 4))
    tensor([[[[ 4.,  5.,  6.,  7.],
              [ 8.,  9., 10., 11.]]]])
    """
    check_image(input_tensor, "input_tensor")
    check_size(size, "size", 2, smallest=0)
    left, top = ((input_tensor.shape[3 - i] - size[1 - i]) / 2 for i in (0, 1))
    box = _corners(left, top, left + size[1] - 1, top + size[0] - 1, like=input_tensor)
    return crop_and_resize(input_tensor, box, size, mode, padding_mode, align_corners)


class CenterCrop2D(nn.Module):
    """Cut the middle out of images, nearer to the top and left where it lies between two pixels.

    Args:
        size: rows and columns of a crop, or one number for both; more than the image has adds zeros around it.
        align_corners: has no effect.
        resample: "BILINEAR" (1) or "NEAREST" (0); has no effect, for the crop is made of whole pixels.
        cropping_mode: "slice" or "resample"; has no effect.

    `forward` takes images (B, C, H, W) and returns crops (B, C, h, w).

    Raises:
        TypeError: `size` is no integers; the images are not floating-point.
        ValueError: an unknown option; images that are not (B, C, H, W).

    >>> CenterCrop2D(2)(torch.arange(16.0).view(1, 1, 4, 4))
    tensor([[[[ 5.,  6.],
              [ 9., 10.]]]])
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        align_corners: bool = True,
        resample: str | int | Enum = "BILINEAR",
        cropping_mode: str = "slice",
    ) -> None:
        super().__init__()
        sides = (size, size) if isinstance(size, int) else size
        check_size(sides, "size", 2, smallest=0)
        name = resample.name if isinstance(resample, Enum) else resample
        mode = dict(enumerate(("nearest", "bilinear"))).get(name) if isinstance(name, int) else str(name).lower()
        check_option(mode, "resample", ("nearest", "bilinear"))
        check_option(cropping_mode, "cropping_mode", ("slice", "resample"))
        self.size = sides
        self.align_corners = align_corners
        self.resample = mode
        self.cropping_mode = cropping_mode

    def extra_repr(self) -> str:
        """Return the arguments of the constructor."""
        names = ("size", "align_corners", "resample", "cropping_mode")
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names)

    def forward(self, input: Float[Tensor, "batch channels height width"]) -> Tensor:
        """Crop images."""
        check_image(input, "input")
        rows, columns = self.size
        top, left = (input.shape[2] - rows) // 2, (input.shape[3] - columns) // 2
        return pad(input, (-left, left + columns - input.shape[3], -top, top + rows - input.shape[2]), "constant")


def _size_of(boxes: Tensor, validate: bool) -> tuple[int, int]:
    """Read rows and columns off boxes that should all be of one size."""
    extents = torch.stack([boxes[:, 2, 1] - boxes[:, 0, 1], boxes[:, 1, 0] - boxes[:, 0, 0]], dim=-1)
    found = (extents if validate else extents[:1]).detach().tolist()
    if not all(math.isfinite(extent) for pair in found for extent in pair):
        raise ValueError(f"dst_box must be finite, got {boxes.tolist()}")
    sizes = {(math.floor(height + 1 + ROUNDING), math.floor(width + 1 + ROUNDING)) for height, width in found}
    if len(sizes) > 1:
        raise ValueError(f"dst_box must hold boxes of one size, got {sorted(sizes)}")
    size = sizes.pop()
    if min(size) < 0:
        raise ValueError(f"dst_box must go from top-left to bottom-right, got {boxes.tolist()}")
    return size


def _corners(left: float, top: float, right: float, bottom: float, like: Tensor) -> Float[Tensor, "1 4 2"]:
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return torch.tensor([corners], device=like.device, dtype=wide_dtype(like))


def _mapped(matrix: Float[Tensor, "batch 3 3"], points: Float[Tensor, "#batch n 2"]) -> Float[Tensor, "batch n 2"]:
    """Return where homographies send points."""
    x, y = points[..., None, :].unbind(-1)
    moved = (matrix[:, None, :, 0] * x + matrix[:, None, :, 1] * y) + matrix[:, None, :, 2]
    return moved[..., :2] / moved[..., 2:]
