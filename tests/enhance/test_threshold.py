# SPDX-License-Identifier: Apache-2.0
import copy
import pickle
from collections.abc import Iterator

import cv2
import kornia.enhance
import pytest
import torch

from foveal.enhance import Threshold, ThresholdType, threshold
from tests.contract import Contract, Make, Sample, call
from tests.enhance.case import check_sums

FIXED = [kind for kind in ThresholdType if kind != ThresholdType.THRESH_OTSU]


class TestThreshold(Contract):
    operation = staticmethod(threshold)

    def oracle(self, *args: object, **kwargs: object) -> torch.Tensor:
        return kornia.enhance.threshold(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 4, 5), 0.5, 1.0, ThresholdType.THRESH_TOZERO)
        for kind in FIXED:
            yield call(make.uniform(2, 3, 4, 5), 0.5, make.tensor(0.75), int(kind))
            yield call(make.uniform(2, 3, 4, 5), make.uniform(2, 1, 1, 1), make.uniform(3, 1, 1), kind)
        yield call(make.uniform(7), make.tensor(0.25), make.tensor(2.0))
        yield call(make.uniform(0, 3, 2, 2), 0.25, make.tensor(2.0))

    def large(self, make: Make) -> Iterator[Sample]:
        for kind in FIXED:
            yield call(make.uniform(2, 3, 97, 131), 0.4, 0.7, kind)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(2, 3, 4, 5)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], 0.5)
        yield TypeError, "thresh must be a number or a tensor, got str", call(image, "1")
        yield TypeError, "maxval must be a number or a tensor, got NoneType", call(image, 0.5, None)
        yield ValueError, "type must be one of 0, 1, 2, 3, 4, got 8", call(image, 0.5, 1.0, 8)
        yield ValueError, "type must be one of 0, 1, 2, 3, 4, got 7", call(image, 0.5, 1.0, 7)


@pytest.mark.parametrize("kind", FIXED[:3])
def test_gradients_of_values_add_up_all_pixels(kind: ThresholdType) -> None:
    image = Make(torch.float64).uniform(2, 3, 97, 131)
    check_sums(threshold, image, {"thresh": [0.4], "maxval": [0.7], "type": kind})


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16])
@pytest.mark.parametrize("kind", FIXED)
def test_integers_are_opencvs(kind: ThresholdType, dtype: torch.dtype) -> None:
    image = torch.randint(0, 256, (20, 30), dtype=torch.int64).to(dtype)
    for limit in (-5.0, 0.0, 100.0, 100.7, 255.0, 500.0):
        for largest in (25.0, 255.0):
            _, expected = cv2.threshold(image.numpy(), limit, largest, int(kind))
            for function in (threshold, threshold.reference):
                found = function(image, limit, largest, kind)
                assert found.dtype is dtype
                assert found.equal(torch.from_numpy(expected)), f"{limit} {largest}"


def test_largest_values_are_clipped_to_integers() -> None:
    image = torch.tensor([1, 200], dtype=torch.uint8)
    assert threshold(image, 100.0, 300.0).tolist() == [0, 255]
    assert threshold(image, 100.0, -3.0, ThresholdType.THRESH_BINARY_INV).tolist() == [0, 0]
    assert threshold(image > 100, 0.5).tolist() == [False, True]


def test_pixels_at_the_threshold_do_not_pass() -> None:
    image = torch.tensor([0.25, 0.5, 0.75] * 6)
    for function in (threshold, threshold.reference):
        assert function(image, 0.5, 1.0)[:3].tolist() == [0.0, 0.0, 1.0]


def test_module_form() -> None:
    image = torch.rand(2, 3, 4, 5)
    layer = Threshold(0.5, 1.0, 3)
    for twin in (layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert twin(image).equal(threshold(image, 0.5, 1.0, ThresholdType.THRESH_TOZERO))
    assert repr(layer) == "Threshold(thresh=0.5, maxval=1.0, type=3)"
    assert Threshold(0.5)(image).equal(threshold(image, 0.5))
    assert layer.type(torch.float64) is layer
    with pytest.raises(ValueError, match="99"):
        Threshold(0.5, 1.0, 99)
