# SPDX-License-Identifier: Apache-2.0
"""Warps by homographies that lead from the result back into the image."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveal._check import check_floating, check_shape, check_size
from foveal._op import op
from foveal._pixels import Pixels
from foveal.geometry.transform._sample import check_pixels, check_sampling, wide_dtype
from foveal.geometry.transform.perspective import adjugate, warp

# What is nearer to zero than this, of a homography whose largest entry is 1, is at infinity.
HORIZON = 1e-8


@op
def warp_grid(
    grid: Float[Tensor, "grids height width 2"],
    src_homo_dst: Float[Tensor, "batch 3 3"] | Float[Tensor, "batch 1 3 3"],
) -> Float[Tensor, "batch height width 2"]:
    """Send the points of a grid through homographies.

    Args:
        grid: points (x, y), (B, H, W, 2), or (1, H, W, 2) for all homographies.
        src_homo_dst: homographies, up to scale, (B, 3, 3) or (B, 1, 3, 3).

    Returns:
        Points (x, y), (B, H, W, 2); a point at infinity keeps its numerator.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> grid = torch.tensor([[[[0.0, 0.0], [1.0, 0.0]]]])
    >>> warp_grid(grid, torch.tensor([[[2.0, 0.0, 1.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]]))
    tensor([[[[1., 0.],
              [3., 0.]]]])
    """
    return warp_points_of_grid(grid, src_homo_dst, 2)


@op
def homography_warp(
    patch_src: Pixels[Tensor, "batch channels height width"],
    src_homo_dst: Float[Tensor, "#batch 3 3"],
    dsize: tuple[int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
    normalized_coordinates: bool = True,
    normalized_homography: bool = True,
) -> Pixels[Tensor, "batch channels rows columns"]:
    """Warp images by homographies from the result to the image, in normalized coordinates.

    Args:
        patch_src: images, (B, C, H, W); bytes give bytes, rounded.
        src_homo_dst: homographies, up to scale, (B, 3, 3) or (1, 3, 3) for all images.
        dsize: rows and columns of the result.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: whether -1 and 1 are the centres of the outer pixels or their outer edges, of image and result;
            reflection is about the same places.
        normalized_coordinates: the homographies are of [-1, 1], else of pixels, centres on integers.
        normalized_homography: else the homographies lead from pixels of the image to those of the result, as for
            `warp_perspective`, and `normalized_coordinates` has no effect.

    Returns:
        Warped images, (B, C, h, w).

    Raises:
        TypeError: `patch_src` is neither floating-point nor uint8, or `src_homo_dst` not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: with aligned corners, an axis of one pixel has its centre at the normalized coordinate 0.

    >>> mirror = torch.diag(torch.tensor([-1.0, 1.0, 1.0]))
    >>> homography_warp(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), mirror[None], (2, 2))
    tensor([[[[2., 1.],
              [4., 3.]]]])
    """
    check_pixels(patch_src, "patch_src")
    check_floating(src_homo_dst, "src_homo_dst")
    check_shape(src_homo_dst, "src_homo_dst", 1 if src_homo_dst.shape[:1] == (1,) else patch_src.shape[0], 3, 3)
    check_size(dsize, "dsize", 2, smallest=0)
    check_sampling(mode, padding_mode)
    matrix = src_homo_dst.to(wide_dtype(patch_src, src_homo_dst))
    back = pixels_to_pixels(
        matrix, (patch_src.shape[2], patch_src.shape[3]), dsize, align_corners, normalized_coordinates,
        normalized_homography,
    )  # fmt: skip
    return warp(patch_src, back, dsize, mode, padding_mode, align_corners, None)


class BaseWarper(nn.Module):
    """Base of warps to a size by homographies from the result to the image.

    Args:
        height: rows of the result.
        width: its columns.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width

    def precompute_warp_grid(self, src_homo_dst: Tensor) -> None:
        """Keep homographies for calls that give none."""
        raise TypeError(f"{type(self).__name__} has no precompute_warp_grid")

    def forward(self, patch_src: Tensor, src_homo_dst: Tensor | None = None) -> Tensor:
        """Return the warped images."""
        raise TypeError(f"{type(self).__name__} has no forward")


class HomographyWarper(BaseWarper):
    """Warp images by homographies, as `homography_warp`.

    Args:
        height: rows of the result.
        width: its columns.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.
        normalized_coordinates: the homographies are of [-1, 1], else of pixels.
        align_corners: whether -1 and 1 are the centres of the outer pixels or their outer edges.

    >>> warper = HomographyWarper(1, 2)
    >>> warper.precompute_warp_grid(torch.eye(3)[None])
    >>> warper(torch.tensor([[[[1.0, 2.0]]]]))
    tensor([[[[1., 2.]]]])
    """

    def __init__(
        self,
        height: int,
        width: int,
        mode: str = "bilinear",
        padding_mode: str = "zeros",
        normalized_coordinates: bool = True,
        align_corners: bool = False,
    ) -> None:
        super().__init__(height, width)
        self.mode, self.padding_mode = mode, padding_mode
        self.normalized_coordinates, self.align_corners = normalized_coordinates, align_corners
        self._homography: Tensor | None = None

    def precompute_warp_grid(self, src_homo_dst: Tensor) -> None:
        """Keep homographies for calls that give none; no grid is stored."""
        self._homography = src_homo_dst

    def forward(self, patch_src: Tensor, src_homo_dst: Tensor | None = None) -> Tensor:
        """Return the images (B, C, H, W) warped by the homographies (B, 3, 3), or by those that were kept."""
        homography = self._homography if src_homo_dst is None else src_homo_dst
        if homography is None:
            raise ValueError("src_homo_dst must be given, or precompute_warp_grid be called first")
        size = (self.height, self.width)
        options = (self.mode, self.padding_mode, self.align_corners, self.normalized_coordinates)
        return homography_warp(patch_src, homography, size, *options)

    def extra_repr(self) -> str:
        """Write down the constructor's arguments."""
        names = ("height", "width", "mode", "padding_mode", "normalized_coordinates", "align_corners")
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names)


def warp_points_of_grid(grid: Tensor, homography: Tensor, axes: int) -> Tensor:
    """Send points (B, *sizes, axes) through homographies (B, axes + 1, axes + 1) or (B, 1, axes + 1, axes + 1)."""
    check_floating(grid, "grid")
    check_shape(grid, "grid", "B", *"DHW"[3 - axes :], axes)
    check_floating(homography, "src_homo_dst")
    matrix = homography.squeeze(1) if homography.ndim == 4 and homography.shape[1] == 1 else homography
    check_shape(matrix, "src_homo_dst", "B" if grid.shape[0] == 1 else grid.shape[0], axes + 1, axes + 1)
    dtype = wide_dtype(grid, matrix)
    size = matrix.detach().abs().amax(dim=(-2, -1), keepdim=True)
    matrix = matrix.to(dtype) / torch.where(size > 0, size, 1).to(dtype)
    rows = matrix.view(-1, *(1,) * axes, axes + 1, axes + 1)
    *moved, scale = ((rows[..., i, :-1] * grid.to(dtype)).sum(-1) + rows[..., i, -1] for i in range(axes + 1))
    scale = torch.where(scale.abs() > HORIZON, scale, 1)
    return torch.stack([position / scale for position in moved], dim=-1).to(grid.dtype)


def pixels_to_pixels(
    matrix: Tensor,
    source: tuple[int, ...],
    target: tuple[int, ...],
    align_corners: bool,
    normalized_coordinates: bool,
    normalized_homography: bool = True,
) -> Tensor:
    """Return homographies from pixels of the result to pixels of the image; the identity comes out exact."""
    if not normalized_homography:
        return adjugate(matrix)
    if not normalized_coordinates:
        return matrix
    # Centre and half the extent of image and result, x first.
    centers, halves = zip(*(_frame(size, align_corners) for size in source[::-1]), strict=True)
    origins, extents = zip(*(_frame(size, align_corners) for size in target[::-1]), strict=True)
    last = matrix[..., -1, :]
    rows: list[Tensor] = []
    for i in range(len(source) + 1):
        entries: list[Tensor] = []
        for j in range(len(source)):
            # One quotient of numbers, so that equal extents cancel exactly.
            entry = matrix[..., i, j] * _ratio(halves[i] if i < len(source) else 1.0, extents[j])
            if i < len(source):
                entry = entry + last[..., j] * _ratio(centers[i], extents[j])
            entries.append(entry)
        constant = matrix[..., i, -1]
        if i < len(source):
            constant = constant * halves[i] + last[..., -1] * centers[i]
        moved = sum(entry * origin for entry, origin in zip(entries, origins, strict=True))
        rows.append(torch.stack([*entries, constant - moved], dim=-1))
    return torch.stack(rows, dim=-2)


def _frame(size: int, align_corners: bool) -> tuple[float, float]:
    return (size - 1) / 2, (size - 1) / 2 if align_corners else size / 2


def _ratio(first: float, second: float) -> float:
    """Return the quotient; an axis of no extent lies at 0 as a whole."""
    return first / second if second else 0.0
