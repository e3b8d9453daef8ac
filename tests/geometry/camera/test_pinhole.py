# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.camera import PinholeCamera, cam2pixel, pixel2cam
from foveal.geometry.conversions import axis_angle_to_rotation_matrix
from tests.contract import Contract, Make, Sample, call
from tests.geometry.camera.test_perspective import calibration, points


def poses(make: Make, count: int) -> Tensor:
    """Draw rigid motions, small enough that what was in front of the camera stays there."""
    pose = torch.eye(4, dtype=torch.float64).repeat(count, 1, 1)
    pose[:, :3, :3] = axis_angle_to_rotation_matrix(make.uniform(count, 3, low=-0.2, high=0.2).double().cpu())
    pose[:, :3, 3] = make.uniform(count, 3, low=-0.2, high=0.2).cpu()
    return make.tensor(pose)


def matrices(make: Make, count: int) -> Tensor:
    """Draw calibration matrices, 4 x 4."""
    padded = torch.eye(4, dtype=torch.float64).repeat(count, 1, 1)
    padded[:, :3, :3] = calibration(make, count).cpu()
    return make.tensor(padded)


def cameras(make: Make, count: int, height: int = 4, width: int = 5) -> PinholeCamera:
    sizes = (make.tensor([float(size)] * count) for size in (height, width))
    return PinholeCamera(matrices(make, count), poses(make, count), *sizes)


def peer(camera: PinholeCamera) -> Any:
    """Return Kornia's camera of the same tensors, in float64."""
    tensors = (camera.intrinsics, camera.extrinsics, camera.height, camera.width)
    return kornia.geometry.camera.PinholeCamera(*(tensor.double() for tensor in tensors))


class TestCam2Pixel(Contract):
    operation = staticmethod(cam2pixel)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.camera.cam2pixel(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(points(make, 2, 3, 4), matrices(make, 2) @ poses(make, 2))
        yield call(points(make, 0, 3, 4), matrices(make, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[[[0.0, 0.0, 0.0], [1.0, 2.0, -1.0]]]]), matrices(make, 1), 1e-3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, "cam_coords_src must have shape", call(points(make, 3), matrices(make, 1))
        yield ValueError, r"dst_proj_src must have shape \(B, 4, 4\)", call(points(make, 1, 2, 2), calibration(make, 1))

    def test_nothing_is_divided_at_the_camera_plane(self) -> None:
        assert cam2pixel(torch.tensor([[[[1.0, 2.0, 0.0]]]]), torch.eye(4)[None]).tolist() == [[[[1.0, 2.0]]]]


class TestPixel2Cam(Contract):
    operation = staticmethod(pixel2cam)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.camera.pixel2cam(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        pixels = torch.cat([make.uniform(2, 3, 4, 2, high=4), make.tensor(torch.ones(2, 3, 4, 1))], dim=-1)
        inverse = make.tensor(matrices(make, 2).double().inverse())
        yield call(make.uniform(2, 1, 3, 4), inverse, pixels)
        yield call(make.uniform(0, 1, 3, 4), inverse[:1], pixels[:0])

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        depth, pixels = make.uniform(1, 1, 2, 2), make.uniform(1, 2, 2, 3)
        yield ValueError, r"depth must have shape \(B, 1, H, W\)", call(depth[0], matrices(make, 1), pixels)
        yield ValueError, "intrinsics_inv must have shape", call(depth, calibration(make, 1), pixels)
        yield ValueError, r"pixel_coords must have shape \(B, 2, 2, 3\)", call(depth, matrices(make, 1), pixels[:, :1])


class TestPinholeCamera:
    def test_projects_and_unprojects_as_kornia(self) -> None:
        make = Make(torch.float64)
        for count, shape in ((1, (1, 6)), (1, (6,)), (3, (3, 6)), (2, (2, 3, 4))):
            camera, seen = cameras(make, count), points(make, *shape)
            pixels = camera.project(seen)
            torch.testing.assert_close(pixels, peer(camera).project(seen))
            depth = make.uniform(*shape, 1, low=1, high=3)
            world = camera.unproject(pixels, depth)
            torch.testing.assert_close(world, peer(camera).unproject(pixels, depth))
            torch.testing.assert_close(camera.project(world), pixels)

    def test_several_cameras_for_each_sample(self) -> None:
        make = Make(torch.float64)
        flat, seen = cameras(make, 6), points(make, 6, 4)
        nested = PinholeCamera(
            flat.intrinsics.view(2, 3, 4, 4), flat.extrinsics.view(2, 3, 4, 4), torch.ones(2), torch.ones(2)
        )
        torch.testing.assert_close(nested.project(seen.view(2, 3, 4, 3)).view(6, 4, 2), flat.project(seen))

    def test_parts(self) -> None:
        camera = cameras(Make(torch.float64), 2)
        other = peer(camera)
        names = ("fx", "fy", "cx", "cy", "tx", "ty", "tz", "rt_matrix", "camera_matrix", "rotation_matrix")
        for name in (*names, "translation_vector", "intrinsics", "extrinsics"):
            torch.testing.assert_close(getattr(camera, name), getattr(other, name))
        torch.testing.assert_close(camera.intrinsics_inverse(), other.intrinsics_inverse())
        assert camera.batch_size == other.batch_size == 2
        assert camera.device() == torch.device("cpu")
        assert repr(camera) == "PinholeCamera(batch_size=2, height=[4.0, 4.0], width=[5.0, 5.0], device=cpu)"

    def test_scale(self) -> None:
        make = Make(torch.float64)
        camera, factor = cameras(make, 2), make.tensor([0.5, 2.0])
        scaled, other = camera.scale(factor), peer(camera).scale(factor)
        torch.testing.assert_close(scaled.intrinsics, other.intrinsics)
        torch.testing.assert_close(scaled.width, other.width)
        assert camera.width.tolist() == [5.0, 5.0]
        assert camera.scale_(0.5) is camera
        assert camera.width.tolist() == [2.5, 2.5]

    def test_scale_by_half_pixels_follows_resized_images(self) -> None:
        # Pixels 2j and 2j + 1 make pixel j of half the size: the border at 3.5 goes to 1.5.
        camera = cameras(Make(torch.float64), 1)
        point = camera.unproject(torch.tensor([[3.5, 5.5]]).double(), torch.ones(1, 1).double())
        found = camera.scale(0.5, half_pixel=True).project(point)
        torch.testing.assert_close(found, torch.tensor([[1.5, 2.5]]).double())

    def test_from_parameters(self) -> None:
        one = torch.ones(1)
        arguments = (100 * one, 90 * one, torch.tensor([3.0, 4.0]), 2 * one, 4, 5, one, 2 * one, 3 * one)
        camera = PinholeCamera.from_parameters(*arguments, 2, None, torch.float64)
        other = kornia.geometry.camera.PinholeCamera.from_parameters(*arguments, 2, "cpu", torch.float64)
        for name in ("intrinsics", "extrinsics", "height", "width"):
            torch.testing.assert_close(getattr(camera, name), getattr(other, name))

    def test_holds_copies_and_passes_gradients(self) -> None:
        make = Make(torch.float64)
        intrinsics, extrinsics = matrices(make, 1), poses(make, 1).requires_grad_()
        camera = PinholeCamera(intrinsics, extrinsics, torch.ones(1), torch.ones(1))
        copied = camera.clone()
        camera.tx = torch.tensor([7.0])
        assert camera.tx.item() == 7
        assert copied.tx.item() == extrinsics[0, 0, 3].item()
        copied.project(points(make, 1, 2)).sum().backward()
        assert extrinsics.grad is not None
        assert extrinsics.grad[0, :3].isfinite().all()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"intrinsics": torch.eye(3)[None]}, r"intrinsics must have shape \(B, 4, 4\)"),
            ({"extrinsics": torch.eye(4).repeat(2, 1, 1)}, "must have one shape"),
            ({"height": torch.ones(2)}, r"height must have shape \(1,\), got \(2,\)"),
        ],
    )
    def test_refuses(self, change: dict[str, Tensor], message: str) -> None:
        matrix = torch.eye(4)[None]
        good = {"intrinsics": matrix, "extrinsics": matrix, "height": torch.ones(1), "width": torch.ones(1)}
        with pytest.raises(ValueError, match=message):
            PinholeCamera(**(good | change))
        with pytest.raises(TypeError, match=r"width must be a torch\.Tensor, got int"):
            PinholeCamera(matrix, matrix, torch.ones(1), 5)  # pyright: ignore[reportArgumentType]
        with pytest.raises(ValueError, match=r"the batch .* of the cameras"):
            cameras(Make(torch.float32), 2).project(torch.ones(3, 4, 3))
