# SPDX-License-Identifier: Apache-2.0
"""Metrics do not wait for the device: they work on tensors that have no values to read."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from foveal import metrics
from tests.samples import outputs

maps, labels, boxes = torch.rand(2, 4, 2), torch.ones(2, 4, dtype=torch.int64), torch.rand(3, 4)
rotation, pose = torch.rand(2, 3, 3), torch.rand(2, 3, 4)


@pytest.mark.parametrize(
    ("metric", "arguments"),
    [
        (metrics.accuracy, (torch.rand(4, 3), torch.ones(4, dtype=torch.int64), (1, 2))),
        (metrics.aepe, (maps, maps)),
        (metrics.angle_error_mat, (rotation, rotation)),
        (metrics.angle_error_vec, (pose[:, :, 3], pose[:, :, 3])),
        (metrics.confusion_matrix, (labels, labels, 3, True)),
        (metrics.kitti_d1_error, (maps, maps, 3.0, 0.05, maps > 0)),
        (metrics.mean_absolute_disparity_error, (maps, maps, maps > 0)),
        (metrics.mean_bad_pixel_error, (maps, maps, 3.0, maps)),
        (metrics.mean_iou, (labels, labels, 3)),
        (metrics.mean_iou_bbox, (boxes, boxes)),
        (metrics.pose_errors, (pose, pose)),
        (metrics.psnr, (maps, maps, 1.0)),
        (metrics.root_mean_squared_disparity_error, (maps, maps, maps > 0)),
        (metrics.ssim, (maps[None], maps[None], 3)),
        (metrics.ssim3d, (maps[None, None], maps[None, None], 3)),
        (metrics.translation_ate, (pose[:, :, 3], pose[:, :, 3])),
    ],
)
def test_no_value_is_read(metric: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    on_meta = (value.to("meta") if isinstance(value, torch.Tensor) else value for value in arguments)
    for found, expected in zip(outputs(metric(*on_meta)), outputs(metric(*arguments)), strict=True):
        assert found.is_meta
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
