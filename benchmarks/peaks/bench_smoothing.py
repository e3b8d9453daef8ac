# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.filters as kornia
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.peaks import make_gaussian_kernel, smooth_imgs


def by_convolution(imgs: Tensor, size: int, sigma: float) -> Tensor:
    """One depthwise convolution with the square kernel."""
    kernel = make_gaussian_kernel(size, sigma)
    weight = (kernel / kernel.sum()).expand(imgs.shape[1], 1, -1, -1)
    return conv2d(imgs, weight, padding=size // 2, groups=imgs.shape[1])


def by_kornia(imgs: Tensor, size: int, sigma: float) -> Tensor:
    return kornia.gaussian_blur2d(imgs, (size, size), (sigma, sigma), border_type="constant")


def by_opencv(imgs: Tensor, size: int, sigma: float) -> np.ndarray:
    planes = imgs.flatten(0, 1).numpy()
    return np.stack([cv2.GaussianBlur(p, (size, size), sigma, borderType=cv2.BORDER_CONSTANT) for p in planes])


RACES = []
for side in (64, 256):
    for size, sigma in ((5, 1.0), (11, 2.0)):
        imgs = torch.rand(8, 17, side, side)
        for way, time in (("", forward), (" +backward", forward_backward)):
            peers = {"torch": time(by_convolution, imgs, size, sigma), "kornia": time(by_kornia, imgs, size, sigma)}
            if time is forward:
                peers["opencv"] = time(by_opencv, imgs, size, sigma)
            RACES.append(
                Race(
                    name=f"smooth_imgs {size}x{size}{way}",
                    size=f"8x17x{side}x{side}",
                    foveal=time(smooth_imgs, imgs, size, sigma),
                    peers=peers,
                    bytes_moved=imgs.nbytes * (2 if time is forward else 4),
                )
            )
