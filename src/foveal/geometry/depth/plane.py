# SPDX-License-Identifier: Apache-2.0
"""Depth of planes."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.camera._points import beside, to_rays, widened


@op
def depth_from_plane_equation(
    plane_normals: Float[Tensor, "batch 3"],
    plane_offsets: Float[Tensor, "batch 1"],
    points_uv: Float[Tensor, "batch count 2"],
    camera_matrix: Float[Tensor, "batch 3 3"],
    eps: float = 1e-8,
) -> Float[Tensor, "batch count"]:
    """Return the depth of planes n . (x, y, z) = d at pixels.

    Args:
        plane_normals: normals n in the camera's frame, (B, 3), of any length.
        plane_offsets: offsets d, (B, 1).
        points_uv: pixels (u, v), (B, N, 2).
        camera_matrix: calibration matrices, (B, 3, 3).
        eps: the least magnitude of n . ray: a ray along the plane gets the depth d / eps.

    Returns:
        Depths z, (B, N), negative where the plane is behind the camera.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape.

    >>> pixels = torch.tensor([[[0.0, 0.0], [4.0, 4.0]]])
    >>> depth_from_plane_equation(torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[2.0]]), pixels, torch.eye(3)[None])
    tensor([[2., 2.]])
    """
    named = {"plane_normals": (3,), "plane_offsets": (1,), "points_uv": ("N", 2), "camera_matrix": (3, 3)}
    given = (plane_normals, plane_offsets, points_uv, camera_matrix)
    for (name, shape), tensor in zip(named.items(), given, strict=True):
        check_floating(tensor, name)
        check_shape(tensor, name, "B" if tensor is plane_normals else plane_normals.shape[0], *shape)
    dtype, (normals, offsets, pixels, calibration) = widened(*given)
    rays = to_rays(pixels, beside(calibration, "camera_matrix", pixels))
    along = (rays * normals[:, None]).sum(dim=-1)
    least = torch.where(along < 0, -eps, eps).to(along.dtype)
    return (offsets / torch.where(along.abs() < eps, least, along)).to(dtype)
