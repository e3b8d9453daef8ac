# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.losses
import torch

from foveal.losses import InverseDepthSmoothnessLoss, inverse_depth_smoothness_loss
from tests.contract import Contract, Make, Sample, call


class TestInverseDepthSmoothnessLoss(Contract):
    operation = staticmethod(inverse_depth_smoothness_loss)
    module_form = InverseDepthSmoothnessLoss
    oracle = staticmethod(kornia.losses.inverse_depth_smoothness_loss)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 4, 5), make.uniform(2, 3, 4, 5))
        yield call(make.uniform(1, 2, 2, 2), make.uniform(1, 1, 2, 2))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 97, 131), make.uniform(2, 3, 97, 131))
        yield call(make.uniform(1, 2, 33, 300), make.uniform(1, 1, 33, 300))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 3, 4)), make.tensor(torch.ones(1, 3, 3, 4)))
        yield call(make.uniform(1, 1, 1, 4), make.uniform(1, 3, 1, 4))
        yield call(make.uniform(0, 1, 3, 4), make.uniform(0, 3, 3, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        depth, image = make.uniform(2, 1, 4, 5), make.uniform(2, 3, 4, 5)
        yield TypeError, "idepth must be a torch.Tensor, got list", call([1.0], image)
        yield TypeError, "image must have a floating-point dtype", call(depth, make.integers(0, 2, 2, 3, 4, 5))
        yield ValueError, r"idepth must have shape \(B, D, H, W\), got \(4, 5\)", call(depth[0, 0], image)
        yield ValueError, r"image must have shape \(2, C, 4, 5\), got \(2, 3, 4, 4\)", call(depth, image[..., 1:])
        yield ValueError, r"image must have shape \(2, C, 4, 5\), got \(1, 3, 4, 5\)", call(depth, image[:1])
