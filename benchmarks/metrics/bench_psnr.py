# SPDX-License-Identifier: Apache-2.0
import kornia.metrics
from torch import Tensor

from benchmarks.metrics.bench_ssim import races_of
from foveal import metrics


def by_kornia(first: Tensor, second: Tensor) -> Tensor:
    """Compare images in [0, 1]."""
    return kornia.metrics.psnr(first, second, 1.0)


def by_foveal(first: Tensor, second: Tensor) -> Tensor:
    """Compare images in [0, 1]."""
    return metrics.psnr(first, second, 1.0)


RACES = races_of("psnr", by_foveal, {"kornia": by_kornia}, (1.0, 1.0), mapped=False)
