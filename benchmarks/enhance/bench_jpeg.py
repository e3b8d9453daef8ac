# SPDX-License-Identifier: Apache-2.0
"""No kernel: matrix products of 8 x 8 blocks are what PyTorch does best; the races hold it to Kornia's time."""

import kornia.enhance as kornia
import torch

from benchmarks.images import image_races
from foveal.enhance import jpeg_codec_differentiable

QUALITY = torch.tensor([75.0])

RACES = image_races(
    "jpeg_codec_differentiable",
    lambda images: jpeg_codec_differentiable(images, QUALITY),
    lambda images: kornia.jpeg_codec_differentiable(images, QUALITY),
    None,
)
