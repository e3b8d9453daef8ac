# SPDX-License-Identifier: Apache-2.0
"""From keypoints to heatmaps and back: how much each refinement loses on the way."""

import torch
from torch import Tensor

from foveal.peaks import find_global_peaks, flip_maps, render_confidence_maps, smooth_imgs

REFINEMENTS = (None, "integral", "local", "quadratic", "log_quadratic", "gaussian")
SIZE, STRIDE, SIGMA = (256, 256), 4, 8.0  # input pixels; a network's output is a map of 64x64 cells


def decode(maps: Tensor, refinement: str | None) -> Tensor:
    """Find the peak of each map, in input pixels: cell i of these maps stands for the pixel i * STRIDE."""
    points, _ = find_global_peaks(maps, threshold=0.1, refinement=refinement)
    return points * STRIDE


def error(points: Tensor, truth: Tensor) -> float:
    """Return the root of the mean squared error of a coordinate, in input pixels."""
    return (points - truth).square().mean().sqrt().item()


def main() -> None:
    generator = torch.Generator().manual_seed(0)

    # 16 images of 17 keypoints each, at places between the pixels, and the map of each keypoint.
    keypoints = 32 + 192 * torch.rand(16, 17, 2, generator=generator)
    clean = render_confidence_maps(keypoints, SIZE, SIGMA, stride=STRIDE)

    # What a network might give for them: too broad, and with white noise of 2 % of the height.
    broad = smooth_imgs(clean, kernel_size=9, sigma=1.5)
    noisy = clean + 0.02 * torch.randn(clean.shape, generator=generator)

    print("error in input pixels   clean    broad    noisy")
    for refinement in REFINEMENTS:
        errors = [error(decode(maps, refinement), keypoints) for maps in (clean, broad, noisy)]
        print(f"{refinement!s:20s}" + "".join(f"{value:9.4f}" for value in errors))

    # An absent keypoint is NaN on the way in, an empty map between, and NaN on the way out.
    keypoints[0, 0] = torch.nan
    maps = render_confidence_maps(keypoints, SIZE, SIGMA, stride=STRIDE)
    print("absent keypoint:", decode(maps, "gaussian")[0, 0].tolist())

    # Both ends are differentiable: the loss of a decoded keypoint has a gradient to the cells around its peak.
    maps.requires_grad_()
    decode(maps, "gaussian").nan_to_num().sum().backward()
    print("gradient reaches", int((maps.grad != 0).sum()), "of", maps.numel(), "cells")

    # The maps of a mirrored image, brought back: without `shift` they would be off by STRIDE - 1 input pixels.
    mirrored = render_confidence_maps(torch.tensor([[[SIZE[1] - 1 - 100.0, 90.0]]]), SIZE, SIGMA, stride=STRIDE)
    back = flip_maps(mirrored, swap=[], shift=(STRIDE - 1) / STRIDE)
    print("mirrored and back: (100, 90) is found at", decode(back, "gaussian").flatten().tolist())


if __name__ == "__main__":
    main()
