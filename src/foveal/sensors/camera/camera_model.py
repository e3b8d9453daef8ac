# SPDX-License-Identifier: Apache-2.0
"""Models of cameras, put together from a projection and a distortion."""

from enum import Enum
from typing import Any

import torch
from torch import Tensor

from foveal._check import check_floating
from foveal.geometry.vector import Vector2, Vector3
from foveal.image import ImageSize
from foveal.sensors.camera.distortion_model import (
    AffineTransform,
    BrownConradyTransform,
    CameraDistortionType,
    KannalaBrandtK3Transform,
)
from foveal.sensors.camera.projection_model import OrthographicProjection, Z1Projection

CameraProjectionType = Z1Projection | OrthographicProjection


class CameraModelBase:
    """A camera: a projection onto the plane z = 1, and a map from there to pixels.

    Args:
        distortion: the map to pixels, one of `foveal.sensors.camera.distortion_model`.
        projection: the projection, one of `foveal.sensors.camera.projection_model`.
        image_size: rows and columns of the image.
        params: parameters of the map, fx, fy, cx, cy first, (N,), or (B, N) for B cameras and points (B, ..., 3).

    Raises:
        TypeError: `params` is not a floating-point tensor.
        ValueError: `params` has another shape.

    Convention: pixel centres are on integers; x right, y down, z ahead; depth is z.

    >>> lens = torch.tensor([100.0, 100.0, 50.0, 40.0])
    >>> camera = CameraModelBase(AffineTransform(), Z1Projection(), ImageSize(80, 100), lens)
    >>> camera.project(Vector3(torch.tensor([1.0, 2.0, 10.0])))
    Vector2([60., 60.])
    """

    def __init__(
        self,
        distortion: CameraDistortionType,
        projection: CameraProjectionType,
        image_size: ImageSize,
        params: Tensor,
    ) -> None:
        check_floating(params, "params")
        count = distortion.parameters
        if params.ndim not in (1, 2) or params.shape[-1] != count:
            raise ValueError(f"params must have shape ({count},) or (B, {count}), got {tuple(params.shape)}")
        self.distortion, self.projection = distortion, projection
        self._image_size, self._params = image_size, params

    @property
    def image_size(self) -> ImageSize:
        """The size of the image."""
        return self._image_size

    @property
    def height(self) -> int | Tensor:
        """The rows of the image."""
        return self._image_size.height

    @property
    def width(self) -> int | Tensor:
        """The columns of the image."""
        return self._image_size.width

    @property
    def params(self) -> Tensor:
        """The parameters, (N,) or (B, N)."""
        return self._params

    @property
    def fx(self) -> Tensor:
        """The focal length along x in pixels."""
        return self._params[..., 0]

    @property
    def fy(self) -> Tensor:
        """The focal length along y in pixels."""
        return self._params[..., 1]

    @property
    def cx(self) -> Tensor:
        """The principal point's x in pixels."""
        return self._params[..., 2]

    @property
    def cy(self) -> Tensor:
        """The principal point's y in pixels."""
        return self._params[..., 3]

    def matrix(self) -> Tensor:
        """Return the calibration matrix, (3, 3) or (B, 3, 3)."""
        zero = torch.zeros_like(self.fx)
        rows = [[self.fx, zero, self.cx], [zero, self.fy, self.cy], [zero, zero, torch.ones_like(zero)]]
        return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)

    def K(self) -> Tensor:  # noqa: N802
        """Return the calibration matrix, (3, 3) or (B, 3, 3)."""
        return self.matrix()

    def project(self, points: Vector3 | Tensor) -> Vector2:
        """Project points of the camera's frame, (*, 3), to pixels."""
        return self.distortion.distort(self._params, self.projection.project(points))

    def unproject(self, points: Vector2 | Tensor, depth: Tensor | float) -> Vector3:
        """Return the points of the camera's frame that pixels (*, 2) show at depths z, (*,)."""
        return self.projection.unproject(self.distortion.undistort(self._params, points), depth)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._image_size}, {self._params})"


class PinholeModel(CameraModelBase):
    """A camera without distortion.

    Args:
        image_size: rows and columns of the image.
        params: fx, fy, cx, cy in pixels, (4,) or (B, 4).
    """

    def __init__(self, image_size: ImageSize, params: Tensor) -> None:
        super().__init__(AffineTransform(), Z1Projection(), image_size, params)

    def scale(self, scale_factor: Tensor | float, *, half_pixel: bool = False) -> "PinholeModel":
        """Return the camera of the image resized by a factor.

        Args:
            scale_factor: new size over old size, a number or a tensor that broadcasts to (B,).
            half_pixel: as in `foveal.geometry.camera.PinholeCamera.scale`.
        """
        factor = torch.as_tensor(scale_factor, device=self._params.device, dtype=self._params.dtype)
        shift = (factor - 1) / 2 if half_pixel else 0 * factor
        params = self._params * factor.unsqueeze(-1) + torch.stack([0 * shift, 0 * shift, shift, shift], dim=-1)
        size = ImageSize(self.height * scale_factor, self.width * scale_factor)  # pyright: ignore[reportArgumentType]
        return PinholeModel(size, params)


class BrownConradyModel(CameraModelBase):
    """A camera with the rational and tangential distortion of Brown and Conrady, OpenCV's model.

    Args:
        image_size: rows and columns of the image.
        params: fx, fy, cx, cy, k1, k2, p1, p2, k3, k4, k5, k6, (12,) or (B, 12).
    """

    def __init__(self, image_size: ImageSize, params: Tensor) -> None:
        super().__init__(BrownConradyTransform(), Z1Projection(), image_size, params)


class KannalaBrandtK3(CameraModelBase):
    """A camera with a fisheye lens after Kannala and Brandt, OpenCV's model.

    Args:
        image_size: rows and columns of the image.
        params: fx, fy, cx, cy, k0, k1, k2, k3, (8,) or (B, 8).
    """

    def __init__(self, image_size: ImageSize, params: Tensor) -> None:
        super().__init__(KannalaBrandtK3Transform(), Z1Projection(), image_size, params)


class Orthographic(CameraModelBase):
    """A camera with parallel rays.

    Args:
        image_size: rows and columns of the image.
        params: fx, fy, cx, cy in pixels, (4,) or (B, 4).
    """

    def __init__(self, image_size: ImageSize, params: Tensor) -> None:
        super().__init__(AffineTransform(), OrthographicProjection(), image_size, params)


class CameraModelType(Enum):
    """The known models of cameras."""

    PINHOLE = 0
    BROWN_CONRADY = 1
    KANNALA_BRANDT_K3 = 2
    ORTHOGRAPHIC = 3


_MODELS: dict[CameraModelType, Any] = {
    CameraModelType.PINHOLE: PinholeModel,
    CameraModelType.BROWN_CONRADY: BrownConradyModel,
    CameraModelType.KANNALA_BRANDT_K3: KannalaBrandtK3,
    CameraModelType.ORTHOGRAPHIC: Orthographic,
}


class CameraModel:
    """A camera of any known model, with all that its class has.

    Args:
        image_size: rows and columns of the image.
        model_type: the model.
        params: its parameters, (N,) or (B, N).

    Raises:
        TypeError: `model_type` is not a `CameraModelType`.

    >>> lens = torch.tensor([100.0, 100.0, 50.0, 40.0])
    >>> CameraModel(ImageSize(80, 100), CameraModelType.PINHOLE, lens).project(torch.tensor([1.0, 2.0, 10.0]))
    Vector2([60., 60.])
    """

    def __init__(self, image_size: ImageSize, model_type: CameraModelType, params: Tensor) -> None:
        if not isinstance(model_type, CameraModelType):
            raise TypeError(f"model_type must be a CameraModelType, got {type(model_type).__name__}")
        self._model: CameraModelBase = _MODELS[model_type](image_size, params)

    def __getattr__(self, name: str) -> Any:
        if name == "_model":  # not made yet, as while unpickling
            raise AttributeError(name)
        return getattr(self._model, name)

    def __repr__(self) -> str:
        model = self._model
        return f"CameraModel({model.image_size}, {type(model).__name__}, {model.params})"
