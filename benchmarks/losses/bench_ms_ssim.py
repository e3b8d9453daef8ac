# SPDX-License-Identifier: Apache-2.0
import kornia.losses

from benchmarks.images import SIZES
from benchmarks.metrics.bench_ssim import races_of
from foveal import losses

# Kornia takes some five seconds for the small batch: one size is enough.
RACES = races_of(
    "ms_ssim_loss",
    losses.MS_SSIMLoss(),
    {"kornia": kornia.losses.MS_SSIMLoss()},
    (10.0, 5.0),
    mapped=False,
    sizes=SIZES[:1],
)
