# SPDX-License-Identifier: Apache-2.0
"""Affine warps of images, by a matrix or by an angle, an offset, factors or shears."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveal._check import check_floating, check_shape, check_size, check_tensor
from foveal._op import op
from foveal._pixels import Pixels
from foveal.geometry.transform._sample import PADDINGS, check_pixels, check_sampling, wide_dtype
from foveal.geometry.transform.affine_matrix import get_affine_matrix2d
from foveal.geometry.transform.perspective import adjugate, warp


@op
def warp_affine(
    src: Pixels[Tensor, "batch channels height width"],
    M: Float[Tensor, "#batch 2 3"],
    dsize: tuple[int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
    fill_value: Tensor | None = None,
) -> Pixels[Tensor, "batch channels rows columns"]:
    """Warp images by affine maps of pixel coordinates.

    Args:
        src: images, (B, C, H, W); bytes give bytes, rounded.
        M: maps from source to destination pixels, (B, 2, 3) or (1, 2, 3) for all images.
        dsize: rows and columns of the result.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"`, `"reflection"` or `"fill"`.
        align_corners: reflect about the centres of the outer pixels, else about their outer edges; nothing else
            depends on it, for the maps are of pixels.
        fill_value: what `"fill"` puts there, as for `warp_perspective`.

    Returns:
        Warped images, (B, C, h, w).

    Raises:
        TypeError: `src` is neither floating-point nor uint8, or another argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: pixel centres are on integers; the matrix acts from the left on columns (x, y, 1).

    >>> shift = torch.tensor([[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]])
    >>> warp_affine(torch.tensor([[[[1.0, 2.0, 3.0]]]]), shift, (1, 3))
    tensor([[[[0., 1., 2.]]]])
    """
    check_pixels(src, "src")
    check_floating(M, "M")
    check_shape(M, "M", 1 if M.shape[:1] == (1,) else src.shape[0], 2, 3)
    check_size(dsize, "dsize", 2, smallest=0)
    check_sampling(mode, padding_mode, (*PADDINGS, "fill"))
    inverse = adjugate(homogeneous(M.to(wide_dtype(src, M))))
    return warp(src, inverse, dsize, mode, padding_mode, align_corners, fill_value)


@op
def affine(
    tensor: Pixels[Tensor, "*batch channels height width"],
    matrix: Float[Tensor, "count 2 3"],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Pixels[Tensor, "*batch channels height width"]:
    """Warp images by affine maps of pixel coordinates, at their own size.

    Args:
        tensor: images, (B, C, H, W) or (C, H, W).
        matrix: maps from source to destination pixels, (B, 2, 3) or (1, 2, 3) for all images.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine`.

    Returns:
        Warped images, of the shape of `tensor`.

    Raises:
        TypeError: `tensor` is neither floating-point nor uint8, or `matrix` not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: pixel centres are on integers.

    >>> affine(torch.tensor([[[1.0, 2.0, 3.0]]]), torch.tensor([[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]]))
    tensor([[[0., 1., 2.]]])
    """
    images = as_batch(tensor, "tensor")
    check_shared(matrix, "matrix", images, 2, 3)
    return warp_within(tensor, matrix, mode, padding_mode, align_corners)


class Affine(nn.Module):
    """Shear, scale and turn images about a centre, and move them, in one warp.

    Args:
        angle: degrees, positive turns counter-clockwise as displayed, (B,) or (1,).
        translation: offset (x, y) in pixels, (B, 2) or (1, 2).
        scale_factor: factors along x and y, (B, 2) or (1, 2).
        shear: angles in radians along x and y, as for `get_shear_matrix2d`, (B, 2) or (1, 2).
        center: (x, y) in pixels, (B, 2) or (1, 2); `None` is the middle of the image.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine`.

    Raises:
        ValueError: neither angle nor translation, scale or shear is given.

    >>> Affine(translation=torch.tensor([[1.0, 0.0]]))(torch.tensor([[[[1.0, 2.0, 3.0]]]]))
    tensor([[[[0., 1., 2.]]]])
    """

    angle: Tensor | None
    translation: Tensor | None
    scale_factor: Tensor | None
    shear: Tensor | None
    center: Tensor | None

    def __init__(
        self,
        angle: Tensor | None = None,
        translation: Tensor | None = None,
        scale_factor: Tensor | None = None,
        shear: Tensor | None = None,
        center: Tensor | None = None,
        mode: str = "bilinear",
        padding_mode: str = "zeros",
        align_corners: bool = True,
    ) -> None:
        super().__init__()
        parts = {"angle": angle, "translation": translation, "scale_factor": scale_factor, "shear": shear}
        if all(value is None for value in parts.values()):
            raise ValueError(f"one of {', '.join(parts)} must be given")
        for name, value in {**parts, "center": center}.items():
            if isinstance(value, Tensor) and not isinstance(value, nn.Parameter):
                self.register_buffer(name, value, persistent=False)
            else:
                setattr(self, name, value)
        self.mode, self.padding_mode, self.align_corners = mode, padding_mode, align_corners

    def forward(self, input: Tensor) -> Tensor:
        """Return the warped images, of the shape of `input`."""
        images = as_batch(input, "input")
        batch, middle = images.shape[0], center_of(self.center, images)

        def each(value: Tensor | None, otherwise: Tensor) -> Tensor:
            return otherwise if value is None else value.to(middle.dtype).expand(batch, *otherwise.shape[1:])

        zeros = torch.zeros_like(middle)
        sheared = each(self.shear, zeros)
        matrix = get_affine_matrix2d(
            each(self.translation, zeros), middle, each(self.scale_factor, zeros + 1), -each(self.angle, zeros[:, 0]),
            sheared[:, 0], sheared[:, 1],
        )  # fmt: skip
        return affine(input, matrix[:, :2], self.mode, self.padding_mode, self.align_corners)

    def extra_repr(self) -> str:
        """Write down the constructor's arguments."""
        names = ("angle", "translation", "scale_factor", "shear", "center", "mode", "padding_mode", "align_corners")
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names)


def homogeneous(matrix: Float[Tensor, "batch 2 3"]) -> Float[Tensor, "batch 3 3"]:
    """Append the row (0, 0, 1)."""
    last = torch.eye(3, device=matrix.device, dtype=matrix.dtype)[2:].expand(matrix.shape[0], 1, 3)
    return torch.cat([matrix, last], dim=1)


def as_batch(tensor: Tensor, name: str) -> Tensor:
    """Return one image (C, H, W) as a batch of one, or raise unless these are images (B, C, H, W)."""
    check_tensor(tensor, name)
    images = tensor.unsqueeze(0) if tensor.ndim == 3 else tensor
    check_pixels(images, name)
    return images


def check_shared(value: Tensor, name: str, images: Tensor, *shape: int) -> None:
    """Raise unless `value` is a floating-point tensor that has one entry per image, or one for all."""
    check_floating(value, name)
    check_shape(value, name, 1 if value.shape[:1] == (1,) else images.shape[0], *shape)


def center_of(center: Tensor | None, images: Tensor) -> Float[Tensor, "batch 2"]:
    """Return the given centres, or the middles of images, one per image, in a dtype for coordinates."""
    if center is None:
        middle = [(images.shape[3] - 1) / 2, (images.shape[2] - 1) / 2]
        center = torch.tensor(middle, device=images.device, dtype=wide_dtype(images)).unsqueeze(0)
    check_shared(center, "center", images, 2)
    return center.to(wide_dtype(center, images)).expand(images.shape[0], 2)


def warp_within(tensor: Tensor, matrix: Tensor, mode: str, padding_mode: str, align_corners: bool) -> Tensor:
    """Warp images (B, C, H, W) or (C, H, W) at their own size."""
    check_sampling(mode, padding_mode)
    images = tensor.unsqueeze(0) if tensor.ndim == 3 else tensor
    size = (tensor.shape[-2], tensor.shape[-1])
    return warp_affine(images, matrix, size, mode, padding_mode, align_corners).view(tensor.shape)
