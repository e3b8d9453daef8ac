# SPDX-License-Identifier: Apache-2.0
import kornia.losses

from benchmarks.metrics.bench_ssim import races_of, ssim_11
from foveal import losses

RACES = races_of(
    "ssim_loss 11", ssim_11(losses.ssim_loss), {"kornia": ssim_11(kornia.losses.ssim_loss)}, (10.0, 5.0), mapped=False
)
