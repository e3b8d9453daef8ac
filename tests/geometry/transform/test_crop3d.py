# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch
from torch import Tensor

from foveal.geometry.transform import center_crop3d, crop_and_resize3d, crop_by_boxes3d, crop_by_transform_mat3d
from foveal.geometry.transform.crop3d import _box_to_box
from tests.contract import Contract, Make, Sample, call

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]
UNIT = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]


def boxes(make: Make, first: list[float], sides: list[float]) -> Tensor:
    return (make.tensor(UNIT) * make.tensor(sides) + make.tensor(first))[None]


class TestCropAndResize3d(Contract):
    operation = staticmethod(crop_and_resize3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        volume = make.uniform(2, 1, 4, 5, 6)
        yield call(volume, boxes(make, [1.03, 0.57, 1.27], [2.93, 2.45, 1.61]), (2, 3, 4))
        yield call(volume, boxes(make, [1.1, 0.9, 1.2], [3.1, 2.2, 1.44]).repeat(2, 1, 1), (3, 2, 2), "nearest")

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 4, 5, 6), boxes(make, [1.0, 1.0, 1.0], [3.0, 2.0, 0.0]), (1, 2, 1))

    def invalid(self, make: Make) -> Bad:
        yield (
            ValueError,
            r"boxes must have shape \(1, 8, 3\)",
            call(make.uniform(1, 1, 4, 5, 6), make.uniform(1, 4, 2), (1, 1, 1)),
        )

    def oracle(self, volume: Tensor, box: Tensor, size: Any, interpolation: str = "bilinear") -> Any:
        box = box.expand(len(volume), 8, 3)
        return peer.crop_and_resize3d(volume, box, size, interpolation, align_corners=True)

    def test_boxes_in_perspective(self) -> None:
        target, source = torch.tensor([UNIT], dtype=torch.float64), torch.rand(1, 8, 3, dtype=torch.float64)
        torch.testing.assert_close(_box_to_box(target, source), peer.get_perspective_transform3d(target, source))


class TestCropByBoxes3d(Contract):
    operation = staticmethod(crop_by_boxes3d)
    fixed_shape = False

    def samples(self, make: Make) -> Iterator[Sample]:
        volume, target = make.uniform(1, 1, 4, 5, 6), boxes(make, [0.0, 0.0, 0.0], [2.0, 1.0, 2.0])
        yield call(volume, boxes(make, [1.03, 0.57, 1.27], [2.93, 2.45, 1.61]), target)

    def invalid(self, make: Make) -> Bad:
        pair = make.tensor([UNIT, (2 * make.tensor(UNIT)).tolist()])
        yield ValueError, "dst_box must hold boxes of one size", call(make.uniform(2, 1, 4, 5, 6), pair, pair)

    def oracle(self, *args: Tensor) -> Any:
        return peer.crop_by_boxes3d(*args, align_corners=True)

    def test_whole_boxes_are_windows(self) -> None:
        volume, make = torch.randn(1, 2, 6, 7, 8), Make(torch.float32)
        source, target = boxes(make, [2, 1, 3], [3, 4, 2]), boxes(make, [0, 0, 0], [3, 4, 2])
        assert torch.equal(crop_by_boxes3d(volume, source, target), volume[..., 3:6, 1:6, 2:6])


class TestCenterCrop3d(Contract):
    operation = staticmethod(center_crop3d)
    oracle = staticmethod(peer.center_crop3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 4, 5, 6), (2, 2, 3))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, "size must be 3 integers", call(make.uniform(1, 1, 4, 5, 6), (2, 2))


class TestCropByTransformMat3d(Contract):
    operation = staticmethod(crop_by_transform_mat3d)
    oracle = staticmethod(peer.crop_by_transform_mat3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        matrix = make.tensor(
            [[[0.913, 0.217, 0.131, 0.337], [-0.119, 1.213, 0.157, 0.413], [0.127, -0.2, 0.8, -0.27], [0, 0, 0, 1]]]
        )
        yield call(make.uniform(1, 1, 4, 5, 6), matrix, (2, 3, 4))
        yield call(make.uniform(1, 1, 4, 5, 6), matrix[:, :3], (2, 3, 4))

    def invalid(self, make: Make) -> Bad:
        yield (
            ValueError,
            "transform must have shape",
            call(make.uniform(1, 1, 4, 5, 6), make.uniform(1, 2, 3), (1, 1, 1)),
        )
