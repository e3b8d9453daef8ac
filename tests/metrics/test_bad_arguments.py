# SPDX-License-Identifier: Apache-2.0
"""Every metric refuses what it cannot take, and says which argument it was."""

from typing import Any

import pytest
import torch

from foveal import metrics
from tests.bad_arguments import Form, assert_refused

maps, other_maps = torch.rand(2, 2, 4, 5)
labels, other_labels = torch.randint(0, 3, (2, 2, 4, 5))
image, other = torch.rand(2, 2, 3, 12, 13)
volume, other_volume = torch.rand(2, 1, 1, 5, 6, 7)
pose, other_pose = torch.rand(2, 2, 3, 4)
boxes = torch.tensor([[0.0, 0.0, 2.0, 3.0], [1.0, 1.0, 4.0, 2.0]])
similarity = {"window_size": 3, "max_val": 1.0, "eps": 1e-12, "padding": "same"}
error = {"input": maps, "target": other_maps, "valid_mask": maps > 0.3, "reduction": "mean"}
counts = {"pred": labels, "target": other_labels, "num_classes": 3, "ignore_index": -100}

CALLS: list[tuple[Any, Form, dict[str, Any]]] = [
    (
        metrics.accuracy,
        None,
        {"pred": torch.rand(4, 5), "target": torch.ones(4, dtype=torch.int64), "topk": (1, 2), "ignore_index": -1},
    ),
    (metrics.aepe, metrics.AEPE, {"input": maps[..., :2], "target": other_maps[..., :2], "reduction": "mean"}),
    (metrics.angle_error_mat, None, {"R1": pose[..., :3], "R2": other_pose[..., :3]}),
    (metrics.angle_error_vec, None, {"v1": pose[..., 3], "v2": other_pose[..., 3]}),
    (metrics.auc_from_errors, None, {"errors": maps, "thresholds": (0.5, 1.0)}),
    (metrics.confusion_matrix, None, counts),
    (metrics.kitti_d1_error, None, {**error, "abs_threshold": 0.3, "rel_threshold": 0.05}),
    (metrics.mean_absolute_disparity_error, None, error),
    (
        metrics.mean_average_precision,
        None,
        {
            "pred_boxes": [boxes, boxes],
            "pred_labels": [torch.tensor([1, 2]), torch.tensor([1, 1])],
            "pred_scores": [torch.rand(2), torch.rand(2)],
            "gt_boxes": [boxes, boxes],
            "gt_labels": [torch.tensor([1, 2]), torch.tensor([1, 1])],
            "n_classes": 3,
            "threshold": 0.5,
        },
    ),
    (metrics.mean_bad_pixel_error, None, {**error, "threshold": 0.3}),
    (metrics.mean_iou, None, {**counts, "eps": 1e-6}),
    (metrics.mean_iou_bbox, None, {"boxes_1": boxes, "boxes_2": boxes, "box_format": "xyxy"}),
    (metrics.pose_errors, None, {"P": pose, "P_gt": other_pose}),
    (metrics.psnr, None, {"image": image, "target": other, "max_val": 1.0}),
    (metrics.root_mean_squared_disparity_error, None, error),
    (metrics.ssim, metrics.SSIM, {"img1": image, "img2": other, **similarity}),
    (metrics.ssim3d, metrics.SSIM3D, {"img1": volume, "img2": other_volume, **similarity}),
    (metrics.translation_ate, None, {"t": pose[..., 3], "t_gt": other_pose[..., 3]}),
]


@pytest.mark.parametrize(("metric", "form", "arguments"), CALLS, ids=[metric.__name__ for metric, _, _ in CALLS])
def test_bad_arguments_are_refused_by_name(metric: Any, form: Form, arguments: dict[str, Any]) -> None:
    metric(**arguments)
    assert_refused(metric, form, arguments)


def test_every_metric_is_here() -> None:
    tested = {metric.__name__ for metric, _, _ in CALLS} | {form.__name__ for _, form, _ in CALLS if form}
    assert tested == set(metrics.__all__) - {"AverageMeter", "average_endpoint_error"}
