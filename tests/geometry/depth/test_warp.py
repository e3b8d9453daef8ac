# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.camera import PinholeCamera
from foveal.geometry.depth import DepthWarper, depth_warp, warp_frame_depth
from tests.contract import Contract, Make, Sample, call
from tests.geometry.camera.test_perspective import calibration
from tests.geometry.camera.test_pinhole import cameras, peer, poses

# Places in the image are products of several matrices, and pixels differ from their neighbours by their whole range.
HALF = {**Contract.tolerance, torch.float32: 1e-4, torch.float16: 5e-2, torch.bfloat16: 4e-1}


def camera(focal: float = 10.0, tx: float = 0.0, tz: float = 0.0) -> PinholeCamera:
    """Return a camera of an image of 4 by 6."""
    one = torch.ones(1)
    return PinholeCamera.from_parameters(
        focal * one, focal * one, 2.5 * one, 1.5 * one, 4, 6, tx * one, 0 * one, tz * one, 1, None, torch.float64
    )


class TestWarpFrameDepth(Contract):
    operation = staticmethod(warp_frame_depth)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.depth.warp_frame_depth(*args, **options)

    tolerance = HALF

    def samples(self, make: Make) -> Iterator[Sample]:
        for normalize in (False, True):
            depth = make.uniform(2, 1, 3, 4, low=1, high=2)
            yield call(make.uniform(2, 2, 3, 4), depth, poses(make, 2), calibration(make, 2), normalize)

    def special(self, make: Make) -> Iterator[Sample]:
        still = make.tensor(torch.eye(4)[None])
        yield call(make.uniform(1, 1, 3, 3), make.tensor([[[[0.0, -1.0, 1.0]]]]), still, calibration(make, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, depth, pose, matrix = (
            make.uniform(1, 2, 3, 4),
            make.uniform(1, 1, 3, 4),
            poses(make, 1),
            calibration(make, 1),
        )
        yield ValueError, "image_src must have shape", call(image[0], depth, pose, matrix)
        yield ValueError, r"depth_dst must have shape \(B, 1, H, W\)", call(image, image, pose, matrix)
        yield ValueError, r"src_trans_dst must have shape \(1, 4, 4\)", call(image, depth, matrix, matrix)

    def test_points_behind_the_camera_are_not_seen(self) -> None:
        back = torch.eye(4)[None].clone()
        back[:, 2, 3] = -2
        image, depth = torch.ones(1, 1, 3, 3), torch.tensor([1.0, 2.0, 3.0]).expand(1, 1, 3, 3)
        found = warp_frame_depth(image, depth, back, torch.tensor([[[1.0, 0, 1], [0, 1, 1], [0, 0, 1]]]))
        assert found[0, 0, 1].tolist() == [0.0, 0.0, 0.0]
        assert kornia.geometry.depth.warp_frame_depth(image, depth, back, torch.eye(3)[None]).sum() > 0


class TestDepthWarp(Contract):
    operation = staticmethod(depth_warp)
    tolerance = HALF
    # A narrow camera would be rounded before the result is compared: it comes in float32.
    half = False

    def oracle(self, destination: PinholeCamera, source: PinholeCamera, *args: Any) -> Tensor:
        return kornia.geometry.depth.depth_warp(peer(destination), peer(source), *args)

    def samples(self, make: Make) -> Iterator[Sample]:
        for count in (2, 1):
            pair = cameras(make, count), cameras(make, count)
            yield call(*pair, make.uniform(2, 1, 4, 5, low=1, high=2), make.uniform(2, 3, 4, 5), 4, 5)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pair, depth, image = (cameras(make, 1), cameras(make, 1)), make.uniform(2, 1, 4, 5), make.uniform(2, 3, 4, 5)
        yield TypeError, "pinhole_dst must be a PinholeCamera, got int", call(1, pair[1], depth, image, 4, 5)
        yield ValueError, r"depth_src must have shape \(B, 1, 3, 5\)", call(*pair, depth, image, 3, 5)
        yield ValueError, "height must be at least 1, got 0", call(*pair, depth, image, 0, 5)
        yield ValueError, "patch_dst must have shape", call(*pair, depth, image[0], 4, 5)


class TestDepthWarper:
    @pytest.mark.parametrize("mode", ["bilinear", "nearest"])
    @pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
    def test_equals_kornia(self, mode: str, padding_mode: str) -> None:
        make = Make(torch.float64)
        destination, source = cameras(make, 2), cameras(make, 2)
        depth, image = make.uniform(2, 1, 4, 5, low=1, high=2), make.uniform(2, 3, 4, 5)
        warper = DepthWarper(destination, 4, 5, mode, padding_mode).compute_projection_matrix(source)
        other = kornia.geometry.depth.DepthWarper(peer(destination), 4, 5, mode, padding_mode)
        other.compute_projection_matrix(peer(source))
        torch.testing.assert_close(warper(depth, image), other(depth, image))
        torch.testing.assert_close(warper.warp_grid(depth), other.warp_grid(depth))
        torch.testing.assert_close(warper.grid, other.grid.double())
        assert repr(warper) == f"DepthWarper(height=4, width=5, mode={mode!r}, padding_mode={padding_mode!r})"

    @pytest.mark.parametrize("align_corners", [True, False])
    def test_no_motion_gives_the_image(self, align_corners: bool) -> None:
        image, depth = torch.rand(1, 2, 4, 6).double(), 1 + torch.rand(1, 1, 4, 6).double()
        found = depth_warp(camera(), camera(), depth, image, 4, 6, align_corners)
        torch.testing.assert_close(found, image)
        larger = torch.nn.functional.pad(image, (0, 3, 0, 2))
        torch.testing.assert_close(depth_warp(camera(), camera(), depth, larger, 4, 6, align_corners), image)

    def test_disparity_is_focal_length_times_baseline_over_depth(self) -> None:
        image = torch.rand(1, 1, 4, 6).double()
        found = depth_warp(camera(tx=0.4), camera(), torch.full((1, 1, 4, 6), 2.0).double(), image, 4, 6)
        torch.testing.assert_close(found, torch.nn.functional.pad(image[..., 2:], (0, 2)))

    def test_points_behind_the_camera_are_not_seen(self) -> None:
        depth = torch.full((1, 1, 4, 6), 1.0).double().requires_grad_()
        for padding_mode in ("zeros", "border"):
            warper = DepthWarper(camera(tz=-2.0), 4, 6, padding_mode=padding_mode).compute_projection_matrix(camera())
            found = warper(depth, torch.ones(1, 1, 4, 6).double())
            assert found.eq(0).all()
        found.sum().backward()
        assert depth.grad is not None
        assert depth.grad.isfinite().all()

    def test_step_of_half_a_pixel(self) -> None:
        # A disparity of 10 * 0.2 / depth pixels: half a pixel is a quarter of inverse depth.
        warper = DepthWarper(camera(tx=0.2), 4, 6).compute_projection_matrix(camera())
        torch.testing.assert_close(warper.compute_subpixel_step(), torch.tensor(0.25).double())

    def test_refuses(self) -> None:
        warper = DepthWarper(camera(), 4, 6)
        for use in (lambda: warper(torch.ones(1, 1, 4, 6), torch.ones(1, 1, 4, 6)), warper.compute_subpixel_step):
            with pytest.raises(ValueError, match="call compute_projection_matrix"):
                use()
        with pytest.raises(ValueError, match=r"mode must be one of 'bilinear', 'nearest', got 'cubic'"):
            DepthWarper(camera(), 4, 6, mode="cubic")
        with pytest.raises(ValueError, match=r"patch_dst must have the batch size 1 or 3, got 2"):
            warper.compute_projection_matrix(camera())(torch.ones(3, 1, 4, 6), torch.ones(2, 1, 4, 6))
