# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.camera import StereoCamera, project_points


def pair(cx_right: float = 5.0, baseline: float = 0.5) -> tuple[Tensor, Tensor]:
    left = torch.tensor([[[100.0, 0.0, 5.0, 0.0], [0.0, 110.0, 4.0, 0.0], [0.0, 0.0, 1.0, 0.0]]], dtype=torch.float64)
    right = left.clone()
    right[:, 0, 2], right[:, 0, 3] = cx_right, -100 * baseline
    return left, right


def test_equals_kornia() -> None:
    camera, other = StereoCamera(*pair()), kornia.geometry.camera.StereoCamera(*pair())
    for name in ("fx", "fy", "cx_left", "cx_right", "cy", "tx", "Q"):
        torch.testing.assert_close(getattr(camera, name), getattr(other, name))
    assert camera.batch_size == 1
    disparity = 5 * torch.rand(3, 4, 6, 1, dtype=torch.float64)
    found, seen = camera.reproject_disparity_to_3D(disparity, return_mask=True)
    torch.testing.assert_close(found, other.reproject_disparity_to_3D(disparity))
    assert seen.all()


def test_equals_opencv() -> None:
    disparity = 1 + torch.rand(1, 4, 6, 1)
    camera = StereoCamera(*pair())
    expected = cv2.reprojectImageTo3D(disparity[0, ..., 0].numpy(), camera.Q[0].numpy())
    torch.testing.assert_close(
        camera.reproject_disparity_to_3D(disparity.double())[0].float(), torch.from_numpy(expected)
    )


@pytest.mark.parametrize("cx_right", [5.0, 8.0])
def test_disparity_of_a_point_gives_the_point(cx_right: float) -> None:
    left, right = pair(cx_right)
    point = torch.tensor([[0.3, 0.2, 20.0]], dtype=torch.float64)
    pixel = project_points(point, left[0, :, :3])
    other = project_points(point - torch.tensor([0.5, 0.0, 0.0]), right[0, :, :3])
    # A map whose every pixel has the disparity of the point is right about one line of sight.
    disparity = (pixel - other)[0, 0].expand(1, 9, 12, 1)
    found = StereoCamera(left, right).reproject_disparity_to_3D(disparity)
    assert isinstance(found, Tensor)
    torch.testing.assert_close(found[..., 2], torch.full((1, 9, 12), 20.0, dtype=torch.float64))


def test_a_batch_of_none() -> None:
    camera = StereoCamera(*(matrix[:0] for matrix in pair()))
    assert camera.batch_size == 0
    assert camera.tx.shape == (0,)
    points = camera.reproject_disparity_to_3D(torch.rand(0, 4, 6, 1, dtype=torch.float64))
    assert isinstance(points, Tensor)
    assert points.shape == (0, 4, 6, 3)


def test_a_large_pair_hides_no_fault_of_a_small_one() -> None:
    left, right = (torch.cat([1e6 * matrix, matrix]) for matrix in pair())
    right[1, 1, 2] += 0.5
    with pytest.raises(ValueError, match="may differ in cx"):
        StereoCamera(left, right)


def test_infinity_is_finite_and_masked() -> None:
    disparity = torch.tensor([[[[0.0], [-1.0], [2.0]]]], requires_grad=True)
    found, seen = StereoCamera(*(matrix.float() for matrix in pair())).reproject_disparity_to_3D(disparity, True)
    found.sum().backward()
    assert found.isfinite().all()
    assert disparity.grad is not None
    assert disparity.grad.isfinite().all()
    assert seen.flatten().tolist() == [False, False, True]


def test_refuses() -> None:
    left, right = pair()
    with pytest.raises(ValueError, match="baseline of every pair must be positive"):
        StereoCamera(right, left)
    with pytest.raises(ValueError, match=r"rectified_left_camera must have shape \(B, 3, 4\)"):
        StereoCamera(left[..., :3], right)
    with pytest.raises(ValueError, match="may differ in cx"):
        StereoCamera(left, right + 1)
    with pytest.raises(ValueError, match=r"disparity_tensor must have shape \(B, H, W, 1\)"):
        StereoCamera(left, right).reproject_disparity_to_3D(torch.rand(1, 1, 4, 5))
