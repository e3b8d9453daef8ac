# SPDX-License-Identifier: Apache-2.0
import kornia.enhance as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.enhance import histogram, histogram2d, image_histogram2d

IMAGE, SAMPLES = torch.rand(1, 3, 256, 256), torch.rand(2, 16384)
BINS, BANDWIDTH = torch.linspace(0, 1, 64), torch.tensor(0.02)

CALLS = [
    (
        f"image_histogram2d {kernel}",
        "1x3x256x256",
        lambda image, kernel=kernel: image_histogram2d(image, 0.0, 1.0, 64, kernel=kernel)[0],
        lambda image, kernel=kernel: kornia.image_histogram2d(image, 0.0, 1.0, 64, kernel=kernel)[0],
        (IMAGE,),
    )
    for kernel in ("triangular", "gaussian", "epanechnikov")
]
CALLS += [
    (
        "histogram",
        "2x16384",
        lambda x: histogram(x, BINS, BANDWIDTH),
        lambda x: kornia.histogram(x, BINS, BANDWIDTH),
        (SAMPLES,),
    ),
    (
        "histogram2d",
        "2x16384",
        lambda x, y: histogram2d(x, y, BINS, BANDWIDTH),
        lambda x, y: kornia.histogram2d(x, y, BINS, BANDWIDTH),
        (SAMPLES, SAMPLES.flip(1)),
    ),
]

RACES = [
    Race(
        name=f"{name}{way}",
        size=size,
        foveal=time(operation, *inputs),
        peers={"kornia": time(peer, *inputs)},
        goal={"kornia": 1.0},
        bytes_moved=sum(x.nbytes for x in inputs) * (1 if time is forward else 3),
    )
    for name, size, operation, peer, inputs in CALLS
    for way, time in (("", forward), (" +backward", forward_backward))
]
