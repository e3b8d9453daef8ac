# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.conversions as kornia
import torch

from foveal.geometry.conversions import ARKitQTVecs_to_ColmapQTVecs, ColmapQTVecs_to_ARKitQTVecs
from tests.contract import Contract, Make, Sample, call


class TestARKitQTVecsToColmapQTVecs(Contract):
    operation = staticmethod(ARKitQTVecs_to_ColmapQTVecs)
    oracle = staticmethod(kornia.ARKitQTVecs_to_ColmapQTVecs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 4), make.normal(2, 3, 1))
        yield call(make.normal(0, 4), make.normal(0, 3, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]), make.normal(2, 3, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "qvec must be a torch.Tensor, got list", call([1.0], make.normal(2, 3, 1))
        yield ValueError, r"qvec must have shape \(B, 4\)", call(make.normal(2, 3), make.normal(2, 3, 1))
        yield ValueError, r"tvec must have shape \(2, 3, 1\)", call(make.normal(2, 4), make.normal(2, 3))


class TestColmapQTVecsToARKitQTVecs(TestARKitQTVecsToColmapQTVecs):
    operation = staticmethod(ColmapQTVecs_to_ARKitQTVecs)
    oracle = staticmethod(kornia.ColmapQTVecs_to_ARKitQTVecs)


def test_there_and_back() -> None:
    quaternion, centre = torch.randn(5, 4, dtype=torch.float64), torch.randn(5, 3, 1, dtype=torch.float64)
    back, found = ColmapQTVecs_to_ARKitQTVecs(*ARKitQTVecs_to_ColmapQTVecs(quaternion, centre))
    torch.testing.assert_close(found, centre, rtol=1e-12, atol=1e-12)
    cosine = torch.nn.functional.cosine_similarity(back, quaternion).abs()
    torch.testing.assert_close(cosine, torch.ones_like(cosine), rtol=1e-12, atol=0)
