# SPDX-License-Identifier: Apache-2.0
"""Thin-plate splines: the smoothest maps that send points to given ones."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_same_shape, check_shape
from foveal._op import op
from foveal.geometry.subpix.soft_argmax import pixel_coordinates
from foveal.geometry.transform._sample import check_image, check_sampling, wide_dtype
from foveal.geometry.transform.remap import remap


@op
def get_tps_transform(
    points_src: Float[Tensor, "batch count 2"], points_dst: Float[Tensor, "batch count 2"]
) -> tuple[Float[Tensor, "batch count 2"], Float[Tensor, "batch 3 2"]]:
    """Return the thin-plate spline that sends points to others.

    Args:
        points_src: points (x, y), (B, N, 2), at least three that are not on one line.
        points_dst: where they go, (B, N, 2).

    Returns:
        Weights of the kernels, (B, N, 2), which are centred on `points_dst`, and the affine part, (B, 3, 2): an offset,
        then the shares of x and of y. Of points on one line, numbers without meaning.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    Convention: `warp_points_tps(points_src, points_dst, *weights)` gives `points_dst`. `warp_image_tps` samples, and so
    wants the way back: `get_tps_transform(points_dst, points_src)`, with its kernels at `points_src`.

    >>> points = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
    >>> _, affine_weights = get_tps_transform(points, points + 2)
    >>> affine_weights.round().int()
    tensor([[[2, 2],
             [1, 0],
             [0, 1]]], dtype=torch.int32)

    Source: Bookstein 1989, "Principal warps: thin-plate splines and the decomposition of deformations".
    """
    check_floating(points_src, "points_src")
    check_shape(points_src, "points_src", "B", "N", 2)
    check_floating(points_dst, "points_dst")
    check_same_shape(points_dst, "points_dst", points_src)
    dtype, count = wide_dtype(points_src, points_dst), points_src.shape[1]
    source, target = points_src.to(dtype), points_dst.to(dtype)
    affine = torch.cat([torch.ones_like(source[..., :1]), source], dim=-1)
    upper = torch.cat([_kernels(source, target), affine], dim=-1)
    lower = torch.cat([affine.mT, affine.new_zeros(affine.shape[0], 3, 3)], dim=-1)
    wanted = torch.cat([target, target.new_zeros(target.shape[0], 3, 2)], dim=1)
    weights = torch.linalg.solve_ex(torch.cat([upper, lower], dim=1), wanted)[0].to(points_src.dtype)
    return weights[:, :count], weights[:, count:]


@op
def warp_points_tps(
    points_src: Float[Tensor, "batch points 2"],
    kernel_centers: Float[Tensor, "batch kernels 2"],
    kernel_weights: Float[Tensor, "batch kernels 2"],
    affine_weights: Float[Tensor, "batch 3 2"],
) -> Float[Tensor, "batch points 2"]:
    """Send points through a thin-plate spline.

    Args:
        points_src: points (x, y), (B, N, 2).
        kernel_centers: the second argument of `get_tps_transform`, (B, K, 2).
        kernel_weights: its first result, (B, K, 2).
        affine_weights: its second result, (B, 3, 2).

    Returns:
        Points (x, y), (B, N, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> identity = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    >>> warp_points_tps(torch.tensor([[[2.0, 3.0]]]), torch.zeros(1, 1, 2), torch.zeros(1, 1, 2), identity)
    tensor([[[2., 3.]]])

    Source: Bookstein 1989.
    """
    check_floating(points_src, "points_src")
    check_shape(points_src, "points_src", "B", "N", 2)
    _check_weights(kernel_centers, kernel_weights, affine_weights, points_src.shape[0])
    dtype = wide_dtype(points_src, kernel_centers, kernel_weights, affine_weights)
    points, centers, kernels, affine = (
        value.to(dtype) for value in (points_src, kernel_centers, kernel_weights, affine_weights)
    )
    # Sums, not products of matrices, which autocast would round to half precision.
    bent = torch.stack([(_kernels(points, centers) * kernels[:, None, :, i]).sum(-1) for i in range(2)], dim=-1)
    flat = affine[:, :1] + points[..., :1] * affine[:, 1:2] + points[..., 1:] * affine[:, 2:]
    return (flat + bent).to(points_src.dtype)


@op
def warp_image_tps(
    image: Float[Tensor, "batch channels height width"],
    kernel_centers: Float[Tensor, "batch kernels 2"],
    kernel_weights: Float[Tensor, "batch kernels 2"],
    affine_weights: Float[Tensor, "batch 3 2"],
    align_corners: bool = False,
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch channels height width"]:
    """Warp images by thin-plate splines that lead from the result back into the image.

    Args:
        image: (B, C, H, W).
        kernel_centers: the second argument of `get_tps_transform`, (B, K, 2).
        kernel_weights: its first result, (B, K, 2).
        affine_weights: its second result, (B, 3, 2).
        align_corners: whether -1 and 1 are the centres of the outer pixels or their outer edges.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.

    Returns:
        Warped images, (B, C, H, W).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: points are in normalized coordinates, [-1, 1] over the image; the spline comes from
    `get_tps_transform(points_dst, points_src)`, with its kernels at `points_src`.

    >>> identity = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    >>> warp_image_tps(torch.tensor([[[[1.0, 2.0]]]]), torch.zeros(1, 1, 2), torch.zeros(1, 1, 2), identity)
    tensor([[[[1., 2.]]]])
    """
    check_image(image, "image")
    _check_weights(kernel_centers, kernel_weights, affine_weights, image.shape[0])
    check_sampling("bilinear", padding_mode)
    dtype = wide_dtype(image, kernel_centers)
    height, width = image.shape[2:]
    x, y = (pixel_coordinates(size, True, align_corners, affine_weights.to(dtype)) for size in (width, height))
    grid = torch.stack([x.expand(height, width), y.unsqueeze(-1).expand(height, width)], dim=-1)
    points = grid.flatten(0, 1).expand(image.shape[0], -1, 2)
    moved = warp_points_tps(points, kernel_centers, kernel_weights, affine_weights).unflatten(1, (height, width))
    return remap(image, moved[..., 0], moved[..., 1], "bilinear", padding_mode, align_corners, True)


def _check_weights(centers: Tensor, kernels: Tensor, affine: Tensor, batch: int) -> None:
    for value, name in ((centers, "kernel_centers"), (kernels, "kernel_weights"), (affine, "affine_weights")):
        check_floating(value, name)
    check_shape(centers, "kernel_centers", batch, "K", 2)
    check_shape(kernels, "kernel_weights", batch, centers.shape[1], 2)
    check_shape(affine, "affine_weights", batch, 3, 2)


def _kernels(points: Tensor, centers: Tensor) -> Float[Tensor, "batch points kernels"]:
    """Return r^2 log r of the distances; 0, with gradient 0, where a point is a centre."""
    squared = (points.unsqueeze(2) - centers.unsqueeze(1)).square().sum(-1)
    apart = squared > 0
    return torch.where(apart, 0.5 * squared * torch.where(apart, squared, 1).log(), 0)
