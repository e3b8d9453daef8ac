# SPDX-License-Identifier: Apache-2.0
"""Views of a scene, their pyramids, and where the pixels of one lie in another."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from foveal.geometry.grid import create_meshgrid
from foveal.geometry.transform import remap

# Points nearer to the plane of a camera than this part of their depth in the reference are not seen by it.
AHEAD = 1e-3


@dataclass(frozen=True)
class View:
    """A calibrated image.

    Args:
        name: for messages.
        image: RGB in [0, 1], (3, H, W).
        calibration: fx, fy, cx, cy in pixels in a matrix (3, 3).
        pose: from the world to the camera, (4, 4).
    """

    name: str
    image: Float[Tensor, "3 height width"]
    calibration: Float[Tensor, "3 3"]
    pose: Float[Tensor, "4 4"]

    def resized(self, height: int, width: int) -> "View":
        """Return the view with its image reduced to a size, and the calibration of that."""
        rows, columns = self.image.shape[-2:]
        if (rows, columns) == (height, width):
            return self
        image = interpolate(self.image[None], (height, width), mode="area")[0]
        across, down = width / columns, height / rows
        # Outer edges stay in place, pixel centres are on integers.
        scale = self.calibration.new_tensor(
            [[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]],
        )
        return View(self.name, image, scale @ self.calibration, self.pose)


class Reprojection:
    """Where the pixels of a reference view lie in another view, by their inverse depth.

    The same as `foveal.geometry.depth.DepthWarper`, with what does not depend on depth computed once: at the inverse
    depth w the homogeneous place is `far + w * step`.
    """

    def __init__(self, reference: View, other: View) -> None:
        height, width = reference.image.shape[-2:]
        self.image = other.image[None]
        self.size = other.image.shape[-2:]
        motion = other.pose.double() @ torch.linalg.inv(reference.pose.double())
        calibration = other.calibration.double()
        grid = create_meshgrid(height, width, normalized_coordinates=False, dtype=torch.float64)[0]
        pixels = torch.cat([grid, torch.ones_like(grid[..., :1])], dim=-1)
        turned = calibration @ motion[:3, :3] @ torch.linalg.inv(reference.calibration.double())
        self.far = (pixels @ turned.T).permute(2, 0, 1).float().to(self.image.device)
        self.step = (calibration @ motion[:3, 3])[:, None, None].float().to(self.image.device)
        self.baseline = float(motion[:3, 3].norm())

    def places(
        self, inverse_depth: Float[Tensor, "batch 1 height width"]
    ) -> tuple[Float[Tensor, "batch height width 2"], Float[Tensor, "batch height width"], Tensor]:
        """Return pixels of the other image, depths there, and where the other view sees the point."""
        x, y, z = (self.far + inverse_depth * self.step).unbind(1)
        ahead = z > AHEAD
        # Behind the camera a place is no place, and its gradient would not be finite.
        x, y, safe = (torch.where(ahead, value, 1) for value in (x, y, z))
        place = torch.stack([x / safe, y / safe], dim=-1)
        height, width = self.size
        within = place.detach()
        inside = ahead & ((within >= 0) & (within <= within.new_tensor([width - 1, height - 1]))).all(-1)
        return place, z / inverse_depth[:, 0], inside

    def warp(self, inverse_depth: Float[Tensor, "batch 1 height width"]) -> tuple[Tensor, Tensor]:
        """Return the other image as the reference sees it, (B, 3, H, W), and where it is seen, (B, 1, H, W)."""
        place, _, inside = self.places(inverse_depth)
        image = self.image.expand(inverse_depth.shape[0], -1, -1, -1)
        return sampled(image, place), inside[:, None]


def sampled(
    image: Float[Tensor, "batch channels rows columns"], place: Float[Tensor, "batch height width 2"]
) -> Float[Tensor, "batch channels height width"]:
    """Return an image at pixels (x, y), the nearest pixel outside it."""
    return remap(image, place[..., 0], place[..., 1], "bilinear", "border", align_corners=True)
