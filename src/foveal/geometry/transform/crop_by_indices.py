# SPDX-License-Identifier: Apache-2.0
"""Crops by slicing."""

import math

import torch
from jaxtyping import Float, Num
from torch import Tensor
from torch.nn import functional

from foveal._check import check_option, check_size
from foveal._op import op
from foveal.geometry.transform._sample import check_boxes, check_image


@op
def crop_by_indices(
    input_tensor: Float[Tensor, "batch channels height width"],
    src_box: Num[Tensor, "#batch 4 2"],
    size: tuple[int, int] | None = None,
    interpolation: str = "bilinear",
    align_corners: bool | None = None,
    antialias: bool = False,
    shape_compensation: str = "resize",
) -> Float[Tensor, "batch channels rows columns"]:
    """Cut boxes out by slicing, and bring the cut-outs to one size.

    Args:
        input_tensor: images, (B, C, H, W).
        src_box: corners of upright boxes as for `crop_and_resize`, (B, 4, 2) or (1, 4, 2); fractions are cut off.
        size: rows and columns of a crop; `None` takes those of the boxes.
        interpolation: `"nearest"`, `"nearest-exact"`, `"bilinear"`, `"bicubic"` or `"area"`.
        align_corners: as for `torch.nn.functional.interpolate`.
        antialias: blur before a cut-out is shrunk.
        shape_compensation: how a cut-out that is not of the size, also because the image ends, is brought to it:
            `"resize"`, or `"pad"` with zeros (each pixel keeps its place in the box; what is too much is left out).

    Returns:
        Crops, (B, C, h, w); (0, C, 0, 0) for an empty batch without `size`.

    Raises:
        TypeError: `input_tensor` is not a floating-point tensor, or `src_box` not a tensor.
        ValueError: an argument has the wrong shape, boxes differ in size where `size` is `None`, one has no pixels to
            resize, or an option is unknown.

    Convention: boxes are read, which waits for the device, and get no gradient.

    >>> box = torch.tensor([[[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]]])
    >>> crop_by_indices(torch.arange(16.0).view(1, 1, 4, 4), box)
    tensor([[[[ 5.,  6.],
              [ 9., 10.]]]])
    """
    check_image(input_tensor, "input_tensor")
    check_boxes(src_box, "src_box", input_tensor)
    check_option(interpolation, "interpolation", ("nearest", "nearest-exact", "bilinear", "bicubic", "area"))
    check_option(shape_compensation, "shape_compensation", ("resize", "pad"))
    corners = src_box.detach().expand(input_tensor.shape[0], 4, 2)[:, [0, 2]].flatten(1).tolist()
    boxes = [(int(left), int(top), int(right) + 1, int(bottom) + 1) for left, top, right, bottom in corners]
    if size is None:
        sizes = {(bottom - top, right - left) for left, top, right, bottom in boxes}
        if len(sizes) > 1:
            raise ValueError(f"src_box must hold boxes of one size where size is None, got {sorted(sizes)}")
        size = sizes.pop() if sizes else (0, 0)
    check_size(size, "size", 2, smallest=0)
    crops: list[Tensor] = []
    height, width = input_tensor.shape[2:]
    for image, (left, top, right, bottom) in zip(input_tensor.unsqueeze(1).unbind(), boxes, strict=True):
        cut = image[..., max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        if shape_compensation == "pad":
            before, above = min(max(-left, 0), size[1]), min(max(-top, 0), size[0])
            after, below = size[1] - before - cut.shape[3], size[0] - above - cut.shape[2]
            crops.append(functional.pad(cut, (before, after, above, below)))
        elif 0 in cut.shape[2:]:
            raise ValueError(
                f"src_box must have pixels of the {width}x{height} image, got {(left, top, right, bottom)}"
            )
        else:
            crops.append(_resize(cut, (size[0], size[1]), interpolation, align_corners, antialias))
    return torch.cat(crops) if crops else input_tensor[..., :1, :1].expand(-1, -1, *size)


def _resize(
    image: Float[Tensor, "batch channels height width"],
    size: tuple[int, int],
    interpolation: str,
    align_corners: bool | None,
    antialias: bool,
) -> Float[Tensor, "batch channels rows columns"]:
    """Return `image` at another size, itself where it has that size already."""
    if image.shape[2:] == size:
        return image
    if antialias:
        for axis in (2, 3):
            image = _blur_for_shrinking(image, axis, image.shape[axis] / max(size[axis - 2], 1))
    return functional.interpolate(image, size=size, mode=interpolation, align_corners=align_corners)


def _blur_for_shrinking(image: Tensor, axis: int, factor: float) -> Tensor:
    """Blur one axis by sigma = (factor - 1) / 2, as scikit-image does, over two sigma either way; ends are mirrors."""
    if factor <= 1:
        return image
    sigma = (factor - 1) / 2
    radius = max(int(4 * sigma), 3) // 2
    weights = [math.exp(-0.5 * (offset / sigma) ** 2) for offset in range(-radius, radius + 1)]
    last = image.shape[axis] - 1
    places = torch.arange(-radius, last + radius + 1, device=image.device)
    mirrored = last - (places % max(2 * last, 1) - last).abs()
    padded = image.index_select(axis, mirrored)
    lines = [padded.narrow(axis, i, last + 1) * (weight / sum(weights)) for i, weight in enumerate(weights)]
    return sum(lines[1:], lines[0])
