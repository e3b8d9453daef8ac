# SPDX-License-Identifier: Apache-2.0
"""Images seen from another view, by the depth of that view."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from foveal._check import check_count, check_floating, check_shape
from foveal._op import op
from foveal.geometry._small import multiply
from foveal.geometry.camera._points import INFINITY, move, to_pixels, to_plane, widened
from foveal.geometry.camera.pinhole import PinholeCamera
from foveal.geometry.conversions.homogeneous import divide
from foveal.geometry.conversions.pixel import normalize_pixel_coordinates
from foveal.geometry.depth.points import check_depth, pixel_rays
from foveal.geometry.grid import create_meshgrid
from foveal.geometry.transform._sample import check_image, check_sampling, sample


@op
def warp_frame_depth(
    image_src: Float[Tensor, "batch channels rows columns"],
    depth_dst: Float[Tensor, "batch 1 height width"],
    src_trans_dst: Float[Tensor, "batch 4 4"],
    camera_matrix: Float[Tensor, "batch 3 3"],
    normalize_points: bool = False,
) -> Float[Tensor, "batch channels height width"]:
    """Return the source image as seen from the destination, whose depth is known.

    Args:
        image_src: image of the source, (B, C, H', W').
        depth_dst: depth of the destination, (B, 1, H, W).
        src_trans_dst: rigid motions from the frame of the destination to that of the source, (B, 4, 4).
        camera_matrix: calibration matrices of both, (B, 3, 3).
        normalize_points: the depth is the distance from the camera's centre, else the coordinate z.

    Returns:
        Images, (B, C, H, W), sampled bilinearly: 0 where the source does not see the point, as it lies outside the
        image, or at or behind the plane of the camera.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape.

    Convention: `DepthWarper` calls the view with the depth the source, this function the destination.

    >>> image = torch.arange(4.0).view(1, 1, 1, 4)
    >>> ahead = torch.eye(4)[None] + torch.eye(4).roll(3, 1)[None] * torch.tensor([1.0, 0.0, 0.0, 0.0])[:, None]
    >>> warp_frame_depth(image, torch.ones(1, 1, 1, 4), ahead, torch.eye(3)[None])
    tensor([[[[1., 2., 3., 0.]]]])
    """
    check_image(image_src, "image_src")
    check_depth(depth_dst, camera_matrix, "depth_dst")
    check_floating(src_trans_dst, "src_trans_dst")
    batch = image_src.shape[0]
    check_shape(depth_dst, "depth_dst", batch, 1, "H", "W")
    check_shape(src_trans_dst, "src_trans_dst", batch, 4, 4)
    check_shape(camera_matrix, "camera_matrix", batch, 3, 3)
    _, (depths, motion, calibration) = widened(depth_dst, src_trans_dst, camera_matrix)
    rays = pixel_rays(depths.shape[2], depths.shape[3], calibration, normalize_points)
    points = move(motion[:, None, None], rays * depths[:, 0, :, :, None])
    pixels = to_pixels(to_plane(points), calibration[:, None, None])
    return _seen(image_src, pixels, points[..., 2] > INFINITY, "bilinear", "zeros", True)


class DepthWarper(nn.Module):
    """Warps images of a destination view to a source view, whose depth is known.

    Args:
        pinhole_dst: the destination's camera.
        height: rows of the depth map.
        width: columns of the depth map.
        mode: "bilinear" or "nearest".
        padding_mode: what lies outside the image: "zeros", "border" or "reflection".
        align_corners: reflect about the centres of the outer pixels, else about their outer edges. Pixels are sampled
            where the points are either way.

    Raises:
        TypeError: a size is not an integer.
        ValueError: a size is less than one, or an option is unknown.

    Convention: call `compute_projection_matrix` first. `warp_frame_depth` calls the view with the depth the
    destination, this class the source.

    >>> camera = PinholeCamera(torch.eye(4)[None], torch.eye(4)[None], torch.ones(1), torch.ones(1))
    >>> warper = DepthWarper(camera, 1, 4).compute_projection_matrix(camera)
    >>> warper(torch.ones(1, 1, 1, 4), torch.arange(4.0).view(1, 1, 1, 4))
    tensor([[[[0., 1., 2., 3.]]]])
    """

    def __init__(
        self,
        pinhole_dst: PinholeCamera,
        height: int,
        width: int,
        mode: str = "bilinear",
        padding_mode: str = "zeros",
        align_corners: bool = True,
    ) -> None:
        super().__init__()
        _check_camera(pinhole_dst, "pinhole_dst")
        check_count(height, "height", smallest=1)
        check_count(width, "width", smallest=1)
        check_sampling(mode, padding_mode)
        self.height, self.width = height, width
        self.mode, self.padding_mode, self.align_corners = mode, padding_mode, align_corners
        self._pinhole_dst = pinhole_dst
        self._pinhole_src: PinholeCamera | None = None
        self._dst_proj_src: Tensor | None = None

    @property
    def grid(self) -> Tensor:
        """The homogeneous pixels (u, v, 1) of the source, (1, H, W, 3)."""
        camera = self._pinhole_dst
        grid = create_meshgrid(self.height, self.width, False, device=camera.device(), dtype=camera.intrinsics.dtype)
        return nn.functional.pad(grid, (0, 1), value=1.0)

    def compute_projection_matrix(self, pinhole_src: PinholeCamera) -> "DepthWarper":
        """Take the source's camera, and return self."""
        _check_camera(pinhole_src, "pinhole_src")
        destination = self._pinhole_dst
        _, (pose_dst, pose_src) = widened(destination.extrinsics, pinhole_src.extrinsics)
        motion = multiply(pose_dst, torch.linalg.inv_ex(pose_src).inverse)
        projection = multiply(destination.camera_matrix.to(motion.dtype), motion[..., :3, :])
        self._dst_proj_src = torch.cat([projection, motion[..., 3:, :]], dim=-2)
        self._pinhole_src = pinhole_src
        return self

    def compute_subpixel_step(self) -> Tensor:
        """Return the change of inverse depth, at the depth 1, that moves the middle of the image by half a pixel.

        It is the mean over the cameras.

        Source: Szeliski and Scharstein 2002, "Symmetric sub-pixel stereo matching".
        """
        camera, step = self._pinhole_dst, 0.01
        middle = torch.tensor([(self.width - 1) / 2, (self.height - 1) / 2]).to(camera.intrinsics)
        far, near = (self._project(middle.view(1, 1, 1, 2), 1 / (1 + change))[0] for change in (-step, step))
        return (step / (near - far).norm(dim=-1)).mean()

    def warp_grid(self, depth_src: Tensor) -> Tensor:
        """Return where the points of a depth map (B, 1, H, W) lie in the destination, (B, H, W, 2), in [-1, 1].

        Convention: corners aligned, whatever `align_corners` is.
        """
        pixels, _ = self._places(depth_src)
        return normalize_pixel_coordinates(pixels, self.height, self.width).to(depth_src.dtype)

    def forward(self, depth_src: Tensor, patch_dst: Tensor) -> Tensor:
        """Return images of the destination, (B, C, H', W'), as the source sees them, by its depth, (B, 1, H, W).

        The result, (B, C, H, W), is 0 where a point lies at or behind the plane of the destination's camera.
        """
        check_image(patch_dst, "patch_dst")
        pixels, ahead = self._places(depth_src)
        batch = max(patch_dst.shape[0], pixels.shape[0])
        for name, tensor in (("depth_src", pixels), ("patch_dst", patch_dst)):
            if tensor.shape[0] not in (1, batch):
                raise ValueError(f"{name} must have the batch size 1 or {batch}, got {tensor.shape[0]}")
        pixels, ahead = pixels.expand(batch, -1, -1, -1), ahead.expand(batch, -1, -1)
        patches = patch_dst.expand(batch, -1, -1, -1)
        return _seen(patches, pixels, ahead, self.mode, self.padding_mode, self.align_corners)

    def extra_repr(self) -> str:
        """Return the options."""
        return f"height={self.height}, width={self.width}, mode={self.mode!r}, padding_mode={self.padding_mode!r}"

    def _ready(self) -> tuple[PinholeCamera, Tensor]:
        if self._pinhole_src is None or self._dst_proj_src is None:
            raise ValueError("call compute_projection_matrix with the camera of the source first")
        return self._pinhole_src, self._dst_proj_src

    def _places(self, depth_src: Tensor) -> tuple[Float[Tensor, "batch height width 2"], Bool[Tensor, "..."]]:
        """Return pixels of the destination, and where points are ahead of it."""
        check_floating(depth_src, "depth_src")
        check_shape(depth_src, "depth_src", "B", 1, self.height, self.width)
        _, (depths, grid) = widened(depth_src, self.grid)
        pixels, ahead = self._project(grid[..., :2], depths[:, 0, :, :, None])
        return pixels, ahead

    def _project(self, pixels: Tensor, depth: Tensor | float) -> tuple[Tensor, Tensor]:
        """Send pixels of the source at a depth to the destination."""
        source, projection = self._ready()
        _, (inverse, matrix, places) = widened(source.intrinsics_inverse(), projection, pixels)
        homogeneous = nn.functional.pad(places, (0, 1), value=1.0)
        rays = (inverse[:, None, None, :3, :3] * homogeneous.unsqueeze(-2)).sum(dim=-1)
        points = move(matrix[:, None, None], rays * depth)
        return divide(points[..., :2], points[..., 2:], INFINITY), points[..., 2] > INFINITY


@op
def depth_warp(
    pinhole_dst: PinholeCamera,
    pinhole_src: PinholeCamera,
    depth_src: Float[Tensor, "#batch 1 height width"],
    patch_dst: Float[Tensor, "#batch channels rows columns"],
    height: int,
    width: int,
    align_corners: bool = True,
) -> Float[Tensor, "batch channels height width"]:
    """Return the destination's image as the source sees it: `DepthWarper` in one call.

    Args:
        pinhole_dst: the destination's camera.
        pinhole_src: the source's camera.
        depth_src: depth of the source, (B, 1, H, W).
        patch_dst: image of the destination, (B, C, H', W').
        height: rows of the depth map.
        width: columns of the depth map.
        align_corners: has no effect: pixels are sampled where the points are.

    Returns:
        Images, (B, C, H, W), 0 where the destination does not see the point.

    Raises:
        TypeError: a camera is not a `PinholeCamera`, or a tensor not a floating-point one.
        ValueError: an argument has another shape.

    >>> camera = PinholeCamera(torch.eye(4)[None], torch.eye(4)[None], torch.ones(1), torch.ones(1))
    >>> depth_warp(camera, camera, torch.ones(1, 1, 1, 4), torch.arange(4.0).view(1, 1, 1, 4), 1, 4)
    tensor([[[[0., 1., 2., 3.]]]])
    """
    warper = DepthWarper(pinhole_dst, height, width, align_corners=align_corners)
    return warper.compute_projection_matrix(pinhole_src)(depth_src, patch_dst)


def _seen(image: Tensor, pixels: Tensor, ahead: Tensor, mode: str, padding_mode: str, align_corners: bool) -> Tensor:
    """Return the image at pixels, 0 for points that are not ahead of the camera."""
    colours = sample(image, pixels[..., 0], pixels[..., 1], mode, padding_mode, align_corners)
    return torch.where(ahead.unsqueeze(1), colours, 0)


def _check_camera(camera: PinholeCamera, name: str) -> None:
    if not isinstance(camera, PinholeCamera):
        raise TypeError(f"{name} must be a PinholeCamera, got {type(camera).__name__}")
