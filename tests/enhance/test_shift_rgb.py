# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import torch

from foveal.enhance import shift_rgb
from tests.contract import Make, Sample, call
from tests.enhance.case import AdjustmentCase


class TestShiftRgb(AdjustmentCase):
    operation = staticmethod(shift_rgb)
    peer = staticmethod(kornia.enhance.shift_rgb)
    low, high = -0.25, 1.25
    options = (
        {"r_shift": [0.1, -0.1], "g_shift": [0.2, -0.2], "b_shift": [0.3, 0.4]},
        {"r_shift": [0.1], "g_shift": [0.0], "b_shift": [-0.3]},
    )

    def samples(self, make: Make) -> Iterator[Sample]:
        for options in self.options:
            yield call(self.images(make, 2, 3, 4, 5), **self.filled(make, options))
        yield call(self.images(make, 1, 3, 1, 1), *(make.uniform(1) for _ in range(3)))
        yield call(self.images(make, 0, 3, 2, 2), *(make.uniform(1) for _ in range(3)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, shift = make.uniform(2, 3, 4, 4), make.uniform(2)
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0], shift, shift, shift)
        yield TypeError, "or be uint8, got torch.int64", call(make.integers(0, 2, 1, 3, 4, 4), shift, shift, shift)
        yield ValueError, r"image must have shape \(B, 3, H, W\)", call(make.uniform(3, 4, 4), shift, shift, shift)
        yield TypeError, "g_shift must be a torch.Tensor, got float", call(image, shift, 0.5, shift)
        yield ValueError, r"b_shift must have one value, .*got shape \(3,\)", call(image, shift, shift, make.uniform(3))


def test_shifts_without_dimensions() -> None:
    image = torch.rand(2, 3, 20, 30)
    shifts = torch.tensor([0.1, 0.2, -0.3])
    expected = (image + shifts.view(3, 1, 1)).clamp(0, 1)
    torch.testing.assert_close(shift_rgb(image, *shifts), expected)
