# SPDX-License-Identifier: Apache-2.0
"""Crops of upright boxes, resampled to one size, with gradients to the image and to the boxes."""

import torch
from jaxtyping import Float, Num
from torch import Tensor

from foveal._check import check_shape, check_size, check_tensor
from foveal._op import op
from foveal.geometry.transform._sample import check_image, check_sampling, sample, wide_dtype


@op
def crop_resample(
    image: Float[Tensor, "batch channels height width"],
    boxes: Num[Tensor, "batch 4"] | Num[Tensor, "batch count 4"],
    size: tuple[int, int],
    *,
    normalized: bool = True,
    align_corners: bool = False,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch channels rows columns"] | Float[Tensor, "batch count channels rows columns"]:
    """Sample each box of an image on a grid of its own: the corners of the crop fall on the corners of the box.

    Args:
        image: (B, C, H, W).
        boxes: (x0, y0, x1, y1), (B, 4) or (B, N, 4); x1 < x0 mirrors. The whole image is, for normalized boxes,
            (-1, -1, 1, 1); for boxes in pixels (0, 0, W, H), or (0, 0, W - 1, H - 1) where corners are aligned.
        size: rows and columns of a crop.
        normalized: boxes are in [-1, 1] over the image, else in pixels.
        align_corners: corners of box, crop and image are the centres of their corner pixels (`xyxy_plus`: x1 is the
            last column), else the outer edges of these (`xyxy`: x1 is the first column that is left out).
        mode: `"bilinear"`, or `"nearest"`, which has no gradient to the boxes.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.

    Returns:
        Crops, (B, C, h, w) or (B, N, C, h, w); zeros for a box that holds NaN.

    Raises:
        TypeError: `image` is not a floating-point tensor, or `boxes` not a tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: a crop of one row or column with aligned corners samples the middle of its box. A crop whose pixels fall
    on pixels of the image is a gather, bit for bit; there the gradient to the box is the one to the right and below.

    >>> crop_resample(torch.arange(12.0).view(1, 1, 3, 4), torch.tensor([[1, 0, 3, 2]]), (2, 2), normalized=False)
    tensor([[[[1., 2.],
              [5., 6.]]]])
    """
    check_image(image, "image")
    check_tensor(boxes, "boxes")
    if boxes.ndim == 2:
        check_shape(boxes, "boxes", image.shape[0], 4)
    else:
        check_shape(boxes, "boxes", image.shape[0], "N", 4)
    check_size(size, "size", 2, smallest=0)
    check_sampling(mode, padding_mode)
    left, top, right, bottom = boxes.to(wide_dtype(image, boxes)).unbind(-1)
    x = _positions(left, right, size[1], image.shape[3], normalized, align_corners)
    y = _positions(top, bottom, size[0], image.shape[2], normalized, align_corners)
    crops = sample(image, x.unsqueeze(-2), y.unsqueeze(-1), mode, padding_mode, align_corners)
    return crops if boxes.ndim == 2 else crops.transpose(1, 2)


def _positions(
    first: Tensor, last: Tensor, count: int, pixels: int, normalized: bool, align_corners: bool
) -> Float[Tensor, "*boxes count"]:
    """Return the columns (rows) of the image where the `count` columns (rows) of each crop lie."""
    if normalized:
        first = _to_pixels(first, pixels, align_corners)
        last = _to_pixels(last, pixels, align_corners)
    if not align_corners:
        step = (last - first) / max(count, 1)
        start = first + (step - 1) * 0.5
    else:
        step = (last - first) / max(count - 1, 1)
        start = first if count > 1 else first + step * 0.5
    steps = torch.arange(count, device=first.device, dtype=first.dtype)
    return start.unsqueeze(-1) + step.unsqueeze(-1) * steps


def _to_pixels(coordinate: Tensor, pixels: int, align_corners: bool) -> Tensor:
    """Scale [-1, 1] to [0, W - 1] (corners aligned) or [0, W].

    Normalized coordinates are rounded: what they cannot tell from an integer is that integer, and the crop exact.
    """
    scaled = (coordinate + 1) * ((pixels - 1 if align_corners else pixels) / 2)
    nearest = scaled.detach().round()
    resolution = 2 * pixels * torch.finfo(scaled.dtype).eps
    return torch.where((nearest - scaled).abs() <= resolution, scaled + (nearest - scaled).detach(), scaled)
