# SPDX-License-Identifier: Apache-2.0
"""Pinhole cameras with a pose, and maps between pixels and camera frames by matrices 4x4."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape, check_tensor
from foveal._op import op
from foveal.geometry._small import widen
from foveal.geometry.camera._points import beside, check_points, move, to_plane, widened
from foveal.geometry.camera.perspective import project_points, unproject_points


class PinholeCamera:
    """Pinhole cameras: calibration, pose and size of the image.

    Args:
        intrinsics: calibration matrices with fx, fy, cx, cy in pixels in their upper left 3x3, (B, 4, 4); (B, N, 4, 4)
            are N cameras for each sample.
        extrinsics: poses, from the world to the camera, of the same shape.
        height: rows of the images, (B,).
        width: columns of the images, (B,).

    Raises:
        TypeError: an argument is not a tensor, or a matrix not a floating-point one.
        ValueError: the shapes are others, or do not fit together.

    Convention: pixel centres are on integers, so that the middle of an image is ((W - 1) / 2, (H - 1) / 2); x right, y
    down, z ahead. The camera holds copies of its tensors, and gradients flow to those that were given.

    >>> one = torch.ones(1)
    >>> camera = PinholeCamera.from_parameters(100 * one, 100 * one, 50 * one, 40 * one, 80, 100, one, 0 * one,
    ...     0 * one, batch_size=1, device=None, dtype=torch.float32)
    >>> camera.project(torch.tensor([[0.0, 2.0, 10.0]]))
    tensor([[60., 60.]])
    """

    def __init__(self, intrinsics: Tensor, extrinsics: Tensor, height: Tensor, width: Tensor) -> None:
        for name, matrix in (("intrinsics", intrinsics), ("extrinsics", extrinsics)):
            check_floating(matrix, name)
            check_shape(matrix, name, *("B", "N")[: matrix.ndim - 2] if matrix.ndim in (3, 4) else "B", 4, 4)
        if intrinsics.shape != extrinsics.shape:
            raise ValueError(
                f"intrinsics and extrinsics must have one shape, got {tuple(intrinsics.shape)} and "
                f"{tuple(extrinsics.shape)}"
            )
        for name, size in (("height", height), ("width", width)):
            check_tensor(size, name)
            if size.shape[:1] != intrinsics.shape[:1]:
                raise ValueError(f"{name} must have shape ({intrinsics.shape[0]},), got {tuple(size.shape)}")
        self._intrinsics = intrinsics.clone()
        self._extrinsics = extrinsics.clone()
        self.height = height.clone()
        self.width = width.clone()

    @classmethod
    def from_parameters(
        cls,
        fx: Tensor,
        fy: Tensor,
        cx: Tensor,
        cy: Tensor,
        height: int,
        width: int,
        tx: Tensor,
        ty: Tensor,
        tz: Tensor,
        batch_size: int,
        device: torch.device | str | None,
        dtype: torch.dtype,
    ) -> "PinholeCamera":
        """Return cameras that are not turned, with these parameters; each broadcasts to (B,)."""

        def matrix(values: dict[tuple[int, int], Tensor]) -> Tensor:
            basis = torch.eye(4, device=device, dtype=dtype).repeat(batch_size, 1, 1)
            for (row, column), value in values.items():
                entry = torch.as_tensor(value, device=device, dtype=dtype).expand(batch_size)
                basis = _with_entry(basis, row, column, entry)
            return basis

        sizes = (torch.full((batch_size,), float(size), device=device, dtype=dtype) for size in (height, width))
        calibration = matrix({(0, 0): fx, (1, 1): fy, (0, 2): cx, (1, 2): cy})
        return cls(calibration, matrix({(0, 3): tx, (1, 3): ty, (2, 3): tz}), *sizes)

    @property
    def batch_size(self) -> int:
        """The number of cameras, B."""
        return self._intrinsics.shape[0]

    @property
    def intrinsics(self) -> Tensor:
        """The calibration matrices, (B, 4, 4)."""
        return self._intrinsics

    @property
    def extrinsics(self) -> Tensor:
        """The poses, from the world to the camera, (B, 4, 4)."""
        return self._extrinsics

    @property
    def camera_matrix(self) -> Tensor:
        """The calibration matrices, (B, 3, 3)."""
        return self._intrinsics[..., :3, :3]

    @property
    def rt_matrix(self) -> Tensor:
        """The first three rows of the poses, (B, 3, 4)."""
        return self._extrinsics[..., :3, :4]

    @property
    def rotation_matrix(self) -> Tensor:
        """The rotations of the poses, (B, 3, 3)."""
        return self._extrinsics[..., :3, :3]

    @property
    def translation_vector(self) -> Tensor:
        """The translations of the poses, (B, 3, 1)."""
        return self._extrinsics[..., :3, 3:]

    @property
    def fx(self) -> Tensor:
        """The focal lengths along x in pixels, (B,)."""
        return self._intrinsics[..., 0, 0]

    @property
    def fy(self) -> Tensor:
        """The focal lengths along y in pixels, (B,)."""
        return self._intrinsics[..., 1, 1]

    @property
    def cx(self) -> Tensor:
        """The principal points' x in pixels, (B,)."""
        return self._intrinsics[..., 0, 2]

    @property
    def cy(self) -> Tensor:
        """The principal points' y in pixels, (B,)."""
        return self._intrinsics[..., 1, 2]

    @property
    def tx(self) -> Tensor:
        """The translations along x, (B,); may be set."""
        return self._extrinsics[..., 0, 3]

    @tx.setter
    def tx(self, value: Tensor | float) -> None:
        self._set_translation(0, value)

    @property
    def ty(self) -> Tensor:
        """The translations along y, (B,); may be set."""
        return self._extrinsics[..., 1, 3]

    @ty.setter
    def ty(self, value: Tensor | float) -> None:
        self._set_translation(1, value)

    @property
    def tz(self) -> Tensor:
        """The translations along z, (B,); may be set."""
        return self._extrinsics[..., 2, 3]

    @tz.setter
    def tz(self, value: Tensor | float) -> None:
        self._set_translation(2, value)

    def device(self) -> torch.device:
        """Return the device of the matrices."""
        return self._intrinsics.device

    def clone(self) -> "PinholeCamera":
        """Return a copy."""
        return PinholeCamera(self._intrinsics, self._extrinsics, self.height, self.width)

    def intrinsics_inverse(self) -> Tensor:
        """Return the inverses of the calibration matrices, (B, 4, 4); of each only the upper left 3x3 is read."""
        inverse = torch.linalg.inv_ex(widen(self.camera_matrix)).inverse.to(self._intrinsics.dtype)
        corner = torch.ones_like(inverse[..., :1, :1])
        return torch.nn.functional.pad(inverse, (0, 1, 0, 1)) + torch.nn.functional.pad(corner, (3, 0, 3, 0))

    def scale(self, scale_factor: Tensor | float, *, half_pixel: bool = False) -> "PinholeCamera":
        """Return the cameras of images that were resized.

        Args:
            scale_factor: new size over old size, a number or (B,) or (1,).
            half_pixel: the resize kept the outer edges of the image in place, as `align_corners=False` does, so that
                cx becomes s (cx + 1/2) - 1/2. By default it is s cx, as Kornia has it: pixel (0, 0) stays in place.
        """
        factor = torch.as_tensor(scale_factor, device=self._intrinsics.device)
        shift = (factor - 1) / 2 if half_pixel else 0 * factor
        matrix = self._intrinsics
        for row, column in ((0, 0), (1, 1), (0, 2), (1, 2)):
            value = matrix[..., row, column] * factor + (shift if column == 2 else 0)
            matrix = _with_entry(matrix, row, column, value.to(matrix.dtype))
        return PinholeCamera(matrix, self._extrinsics, self.height * factor, self.width * factor)

    def scale_(self, scale_factor: Tensor | float, *, half_pixel: bool = False) -> "PinholeCamera":
        """Make these the cameras of images that were resized, as `scale`, and return them."""
        scaled = self.scale(scale_factor, half_pixel=half_pixel)
        self._intrinsics, self.height, self.width = scaled._intrinsics, scaled.height, scaled.width
        return self

    def project(self, point_3d: Tensor) -> Tensor:
        """Project points of the world, (B, ..., 3), to pixels (u, v), (B, ..., 2), as `project_points` does."""
        check_points(point_3d, "point_3d", 3)
        dtype, (points, extrinsics) = widened(point_3d, self._extrinsics)
        seen = move(beside(extrinsics, "the cameras", points), points)
        return project_points(seen, self.camera_matrix).to(dtype)

    def unproject(self, point_2d: Tensor, depth: Tensor) -> Tensor:
        """Return the points of the world, (B, ..., 3), that pixels (B, ..., 2) show at depths z, (B, ..., 1)."""
        seen = unproject_points(point_2d, depth, self.camera_matrix)
        dtype, (points, extrinsics) = widened(seen, self._extrinsics)
        return move(beside(torch.linalg.inv_ex(extrinsics).inverse, "the cameras", points), points).to(dtype)

    def __repr__(self) -> str:
        height, width = self.height.tolist(), self.width.tolist()
        return f"PinholeCamera(batch_size={self.batch_size}, height={height}, width={width}, device={self.device()})"

    def _set_translation(self, row: int, value: Tensor | float) -> None:
        matrix = self._extrinsics
        column = torch.as_tensor(value, device=matrix.device, dtype=matrix.dtype)
        self._extrinsics = _with_entry(matrix, row, 3, column)


@op
def cam2pixel(
    cam_coords_src: Float[Tensor, "batch height width 3"], dst_proj_src: Float[Tensor, "#batch 4 4"], eps: float = 1e-12
) -> Float[Tensor, "batch height width 2"]:
    """Project points of one camera's frame to the pixels of another.

    Args:
        cam_coords_src: points (x, y, z) of the source, (B, H, W, 3).
        dst_proj_src: calibration of the destination times the motion from source to destination, (B, 4, 4).
        eps: a point whose depth there is not larger in magnitude is not divided.

    Returns:
        Pixels (u, v) of the destination, (B, H, W, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape.

    >>> cam2pixel(torch.tensor([[[[1.0, 2.0, 4.0]]]]), torch.eye(4)[None])
    tensor([[[[0.2500, 0.5000]]]])
    """
    check_floating(cam_coords_src, "cam_coords_src")
    check_floating(dst_proj_src, "dst_proj_src")
    check_shape(cam_coords_src, "cam_coords_src", "B", "H", "W", 3)
    check_shape(dst_proj_src, "dst_proj_src", "B", 4, 4)
    dtype, (points, projection) = widened(cam_coords_src, dst_proj_src)
    return to_plane(move(beside(projection, "dst_proj_src", points), points), eps).to(dtype)


@op
def pixel2cam(
    depth: Float[Tensor, "batch 1 height width"],
    intrinsics_inv: Float[Tensor, "#batch 4 4"],
    pixel_coords: Float[Tensor, "#batch height width 3"],
) -> Float[Tensor, "batch height width 3"]:
    """Return the points of the camera's frame that the pixels of a depth map show.

    Args:
        depth: depth z, (B, 1, H, W).
        intrinsics_inv: inverse calibration matrices, (B, 4, 4).
        pixel_coords: homogeneous pixels (u, v, 1), (B, H, W, 3).

    Returns:
        Points (x, y, z), (B, H, W, 3).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape.

    >>> pixel2cam(torch.full((1, 1, 1, 1), 4.0), torch.eye(4)[None], torch.tensor([[[[2.0, 3.0, 1.0]]]]))
    tensor([[[[ 8., 12.,  4.]]]])
    """
    check_floating(depth, "depth")
    check_floating(intrinsics_inv, "intrinsics_inv")
    check_floating(pixel_coords, "pixel_coords")
    check_shape(depth, "depth", "B", 1, "H", "W")
    check_shape(intrinsics_inv, "intrinsics_inv", "B", 4, 4)
    check_shape(pixel_coords, "pixel_coords", "B", *depth.shape[2:], 3)
    dtype, (depths, inverse, pixels) = widened(depth, intrinsics_inv, pixel_coords)
    rays = move(beside(inverse, "intrinsics_inv", depths[:, 0, :, :, None]), pixels)
    return (rays * depths[:, 0, :, :, None]).to(dtype)


def _with_entry(matrix: Tensor, row: int, column: int, value: Tensor) -> Tensor:
    """Return matrices with one entry replaced."""
    place = torch.zeros(matrix.shape[-2:], device=matrix.device, dtype=torch.bool)
    place[row, column] = True
    return torch.where(place, value[..., None, None].to(matrix.dtype), matrix)
