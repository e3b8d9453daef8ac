# SPDX-License-Identifier: Apache-2.0
"""The scale pyramid, in which detectors look for blobs of every size."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveal._check import check_count, check_floating, check_not_negative, check_shape
from foveal.filters.gaussian_blur import gaussian_blur2d
from foveal.geometry.transform.resize import resize

INPUT_BLUR = 0.5


class ScalePyramid(nn.Module):
    """Blur images step by step, and halve them wherever the blur has doubled.

    Args:
        n_levels: levels in which the blur doubles.
        init_sigma: standard deviation of the blur of the first level, in pixels.
        min_size: both sides of every octave but the first are larger.
        double_image: begin with the image at twice its size.
        extra_levels: levels of an octave beyond `n_levels`.

    `forward` takes images (B, C, H, W) and returns, each with an entry per octave: the octaves (B, C, L, h, w), where L
    is n_levels + extra_levels; the blur of their levels in pixels of the octave, (B, L); how many pixels of the image
    one of theirs is, (B, L).

    Raises:
        TypeError: a number of levels or `min_size` is no integer; the images are not floating-point.
        ValueError: no levels, a negative number; images that are not (B, C, H, W).

    Convention: the image is taken to be blurred by half a pixel already. Octaves share the centres of corner pixels.

    >>> octaves, sigmas, distances = ScalePyramid(2)(torch.zeros(1, 1, 40, 50))
    >>> [tuple(octave.shape) for octave in octaves]
    [(1, 1, 5, 40, 50), (1, 1, 5, 20, 25)]

    Source: Lowe, Distinctive image features from scale-invariant keypoints, 2004, section 3.
    """

    def __init__(
        self,
        n_levels: int = 3,
        init_sigma: float = 1.6,
        min_size: int = 15,
        double_image: bool = False,
        extra_levels: int = 3,
    ) -> None:
        super().__init__()
        check_count(n_levels, "n_levels")
        if n_levels < 1:
            raise ValueError(f"n_levels must be at least 1, got {n_levels}")
        check_not_negative(init_sigma, "init_sigma")
        check_count(min_size, "min_size")
        check_count(extra_levels, "extra_levels")
        self.n_levels = n_levels
        self.extra_levels = extra_levels
        self.init_sigma = init_sigma
        self.min_size = min_size
        self.border = min_size // 2 - 1
        self.sigma_step = 2 ** (1 / n_levels)
        self.double_image = double_image

    def extra_repr(self) -> str:
        """Return the arguments of the constructor."""
        names = ("n_levels", "init_sigma", "min_size", "double_image", "extra_levels")
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names)

    def get_kernel_size(self, sigma: float) -> int:
        """Return the taps of a blur: four standard deviations on both sides, and an odd number of them."""
        return int(8 * sigma + 1) // 2 * 2 + 1

    def get_first_level(self, input: Float[Tensor, "batch channels height width"]) -> tuple[Tensor, float, float]:
        """Return the first level, its blur, and how many pixels of the image one of its pixels is."""
        distance, blur, level = 1.0, INPUT_BLUR, input
        if self.double_image:
            level = resize(input, (2 * input.shape[2], 2 * input.shape[3]), align_corners=True)
            distance, blur = distance / 2, blur * 2
        if self.init_sigma > blur:
            level = self._blur(level, (self.init_sigma**2 - blur**2) ** 0.5)
            blur = self.init_sigma
        return level, blur, distance

    def forward(
        self, x: Float[Tensor, "batch channels height width"]
    ) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Return octaves, blurs and distances of pixels."""
        check_floating(x, "x")
        check_shape(x, "x", "B", "C", "H", "W")
        level, blur, distance = self.get_first_level(x)
        count = self.n_levels + self.extra_levels
        octaves: list[Tensor] = []
        sigmas: list[Tensor] = []
        distances: list[Tensor] = []
        while True:
            levels = [level]
            for step in range(1, max(count, self.n_levels + 1)):
                # What a blur lacks to the next one, whose variance is larger by a constant factor.
                missing = blur * self.sigma_step ** (step - 1) * (self.sigma_step**2 - 1) ** 0.5
                levels.append(self._blur(levels[-1], missing))
            octaves.append(torch.stack(levels[:count], dim=2))
            blurs = [blur * self.sigma_step**step for step in range(count)]
            sigmas.append(torch.tensor(blurs, dtype=x.dtype, device=x.device).repeat(x.shape[0], 1))
            distances.append(torch.full_like(sigmas[-1], distance))
            size = (level.shape[2] // 2, level.shape[3] // 2)
            if min(size) <= self.min_size:
                return octaves, sigmas, distances
            # The level of twice the blur: at half the size it is what the octave began with.
            level = resize(levels[self.n_levels], size, align_corners=True)
            distance *= 2

    def _blur(self, image: Tensor, sigma: float) -> Tensor:
        taps = self.get_kernel_size(sigma)
        return gaussian_blur2d(image, (taps, taps), (sigma, sigma))
