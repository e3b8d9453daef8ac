# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import numpy as np
import torch
from PIL import Image, ImageEnhance

from foveal.enhance import (
    AdjustContrast,
    AdjustContrastWithMeanSubtraction,
    adjust_contrast,
    adjust_contrast_with_mean_subtraction,
)
from tests.contract import Make, Sample, call
from tests.enhance.case import AdjustmentCase


class TestAdjustContrast(AdjustmentCase):
    operation = staticmethod(adjust_contrast)
    module_form = AdjustContrast
    peer = staticmethod(kornia.enhance.adjust_contrast)
    options = (
        {"factor": [1.25, 0.25]},
        {"factor": 1.3},
        {"factor": 1.3, "clip_output": False},
        {"factor": [[0.1, 1.2, 2.3], [0.1, 0.2, 0.3]]},
    )

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield ValueError, "factor must be at least 0, got -1", call(make.uniform(2, 3, 4, 4), -1.0)


class TestAdjustContrastWithMeanSubtraction(AdjustmentCase):
    operation = staticmethod(adjust_contrast_with_mean_subtraction)
    module_form = AdjustContrastWithMeanSubtraction
    peer = staticmethod(kornia.enhance.adjust_contrast_with_mean_subtraction)
    options = (
        {"factor": [1.75, 0.25]},
        {"factor": 1.3},
        {"factor": 3.0},
        {"factor": -0.5},
        {"factor": [[0.1, 1.2, 2.3], [0.1, 0.2, 0.3]]},
    )

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        for channels in (1, 2, 5):
            yield call(make.uniform(2, channels, 4, 5), 1.5)


def test_bytes_are_pillows() -> None:
    image = torch.randint(0, 256, (3, 20, 30), dtype=torch.uint8)
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    for factor in (0.0, 0.5, 1.0, 1.7):
        expected = torch.from_numpy(np.array(ImageEnhance.Contrast(picture).enhance(factor))).permute(2, 0, 1)
        # Pillow rounds the grey, and its mean, to bytes first.
        assert (adjust_contrast_with_mean_subtraction(image, factor).int() - expected.int()).abs().max() <= 2
