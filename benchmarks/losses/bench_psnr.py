# SPDX-License-Identifier: Apache-2.0
import kornia.losses
from torch import Tensor

from benchmarks.metrics.bench_ssim import races_of
from foveal import losses


def by_kornia(first: Tensor, second: Tensor) -> Tensor:
    """Compare images in [0, 1]."""
    return kornia.losses.psnr_loss(first, second, 1.0)


def by_foveal(first: Tensor, second: Tensor) -> Tensor:
    """Compare images in [0, 1]."""
    return losses.psnr_loss(first, second, 1.0)


RACES = races_of("psnr_loss", by_foveal, {"kornia": by_kornia}, (1.0, 1.0), mapped=False)
