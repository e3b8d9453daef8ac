# SPDX-License-Identifier: Apache-2.0
"""A pair of cameras side by side."""

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal.geometry._small import widen
from foveal.geometry.camera._points import INFINITY, common
from foveal.geometry.conversions.homogeneous import divide
from foveal.geometry.grid import create_meshgrid


class StereoCamera:
    """Two rectified cameras, the right one beside the left one by the baseline.

    Args:
        rectified_left_camera: projection matrices [[fx, 0, cx, 0], [0, fy, cy, 0], [0, 0, 1, 0]], (B, 3, 4).
        rectified_right_camera: the same with -fx times the baseline in the last column, (B, 3, 4); cx may differ.

    Raises:
        TypeError: a matrix is not a floating-point tensor.
        ValueError: a matrix is not (B, 3, 4), the two differ where they must not, or a baseline is not positive.

    Convention: the disparity is the column in the left image less that in the right one; pixel centres are on integers.

    >>> left = torch.tensor([[[100.0, 0.0, 2.0, 0.0], [0.0, 100.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]]])
    >>> right = left - 50 * torch.eye(3, 4).roll(-1, 1)[[0, 0, 0]] * torch.eye(3)[:1].T
    >>> StereoCamera(left, right).tx
    tensor([0.5000])
    """

    def __init__(self, rectified_left_camera: Tensor, rectified_right_camera: Tensor) -> None:
        for name, matrix in (
            ("rectified_left_camera", rectified_left_camera),
            ("rectified_right_camera", rectified_right_camera),
        ):
            check_floating(matrix, name)
            check_shape(matrix, name, "B", 3, 4)
        if rectified_left_camera.shape != rectified_right_camera.shape:
            raise ValueError(
                "rectified_left_camera and rectified_right_camera must have one shape, got "
                f"{tuple(rectified_left_camera.shape)} and {tuple(rectified_right_camera.shape)}"
            )
        self.rectified_left_camera = rectified_left_camera
        self.rectified_right_camera = rectified_right_camera
        # A wrong pair puts every point in a wrong place: this one time the values are read.
        if not torch.compiler.is_compiling():
            apart = (rectified_left_camera - rectified_right_camera).detach().abs()[..., :3].clone()
            apart[..., 0, 2] = 0
            largest = rectified_left_camera.detach().abs().amax(dim=(1, 2), keepdim=True)
            if not bool((apart <= 1e-6 * largest).all()):
                raise ValueError(
                    "rectified_left_camera and rectified_right_camera may differ in cx and the last column"
                )
            if not bool((self.tx > 0).all()):
                raise ValueError(f"the baseline of every pair must be positive, got {self.tx.tolist()}")

    @property
    def batch_size(self) -> int:
        """The number of pairs, B."""
        return self.rectified_left_camera.shape[0]

    @property
    def fx(self) -> Tensor:
        """The focal lengths along x in pixels, (B,)."""
        return self.rectified_left_camera[..., 0, 0]

    @property
    def fy(self) -> Tensor:
        """The focal lengths along y in pixels, (B,)."""
        return self.rectified_left_camera[..., 1, 1]

    @property
    def cx_left(self) -> Tensor:
        """The principal points' x in the left images, (B,)."""
        return self.rectified_left_camera[..., 0, 2]

    @property
    def cx_right(self) -> Tensor:
        """The principal points' x in the right images, (B,)."""
        return self.rectified_right_camera[..., 0, 2]

    @property
    def cy(self) -> Tensor:
        """The principal points' y, (B,)."""
        return self.rectified_left_camera[..., 1, 2]

    @property
    def tx(self) -> Tensor:
        """The baselines, (B,)."""
        return -self.rectified_right_camera[..., 0, 3] / self.fx

    @property
    def Q(self) -> Tensor:  # noqa: N802
        """The matrices that map (column, row, disparity, 1) of the left image to homogeneous points, (B, 4, 4)."""
        fx, fy, base = self.fx, self.fy, -self.tx
        zero = torch.zeros_like(fx)
        rows = [
            [fy * base, zero, zero, -self.cx_left * fy * base],
            [zero, fx * base, zero, -self.cy * fx * base],
            [zero, zero, zero, fx * fy * base],
            [zero, zero, -fy, fy * (self.cx_left - self.cx_right)],
        ]
        return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)

    def reproject_disparity_to_3D(  # noqa: N802
        self, disparity_tensor: Tensor, return_mask: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Return the points that the pixels of a disparity map show, in the frame of the left camera.

        Args:
            disparity_tensor: disparities in pixels, (B, H, W, 1).
            return_mask: say which points are in front of the camera, not at infinity or behind it.

        Returns:
            Points (x, y, z), (B, H, W, 3), and with `return_mask` booleans (B, H, W, 1). A point at infinity is not
            divided by its weight: value and gradient are finite, and the mask is false.

        Raises:
            TypeError: the disparity is not a floating-point tensor.
            ValueError: it is not (B, H, W, 1).
        """
        check_floating(disparity_tensor, "disparity_tensor")
        check_shape(disparity_tensor, "disparity_tensor", "B", "H", "W", 1)
        dtype = common(disparity_tensor, self.rectified_left_camera)
        disparity = widen(disparity_tensor.to(dtype))
        grid = create_meshgrid(
            *disparity.shape[1:3], normalized_coordinates=False, device=disparity.device, dtype=disparity.dtype
        )
        grid = grid.expand(disparity.shape[0], -1, -1, -1)
        pixels = torch.cat([grid, disparity, torch.ones_like(disparity)], dim=-1)
        matrix = self.Q.to(disparity.dtype)[:, None, None]
        homogeneous = (matrix * pixels.unsqueeze(-2)).sum(dim=-1)
        points = divide(homogeneous[..., :3], homogeneous[..., 3:], INFINITY)
        if not return_mask:
            return points.to(dtype)
        seen = (homogeneous[..., 3:].abs() > INFINITY) & (points[..., 2:] > 0) & points.isfinite().all(-1, keepdim=True)
        return points.to(dtype), seen
