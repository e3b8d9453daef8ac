# SPDX-License-Identifier: Apache-2.0
"""The autoencoder and its losses."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveal.filters import sobel

# Pixels, across and down, that one place of the code stands for.
STRIDE = 8


class Autoencoder(nn.Module):
    """A convolutional autoencoder: three halvings to the code, three doublings back.

    It has no layer that looks at the batch or at the size of the image, so one trained on patches takes whole
    photographs whose sides are multiples of 8.

    Args:
        width: channels of the first layer; the next two have twice as many.
        code: channels of the code; an image of H x W x 3 numbers becomes H/8 x W/8 x code.
    """

    def __init__(self, width: int, code: int) -> None:
        super().__init__()
        widths = (3, width, 2 * width, 2 * width)
        encoder = list[nn.Module]()
        for before, after in pairwise(widths):
            encoder += [nn.Conv2d(before, after, 4, stride=2, padding=1), nn.SiLU()]
        self.encoder = nn.Sequential(*encoder, nn.Conv2d(widths[-1], code, 1))
        decoder: list[nn.Module] = [nn.Conv2d(code, widths[-1], 1), nn.SiLU()]
        for before, after in pairwise(widths[:0:-1]):
            decoder += [nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2), nn.SiLU()]
        self.decoder = nn.Sequential(*decoder, nn.Conv2d(width, 4 * 3, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 height width"]:
        """Encode images in [0, 1] and return what the code tells of them."""
        return self.decoder(self.encoder(images - 0.5)) + 0.5


def edge_error(result: Tensor, target: Tensor) -> Float[Tensor, ""]:
    """Return the mean absolute difference of Sobel's magnitudes."""
    return (sobel(result) - sobel(target)).abs().mean()


def reconstruction_loss(result: Tensor, target: Tensor, edge_weight: float) -> Float[Tensor, ""]:
    """Return the mean absolute difference, and that of edges with a weight; a weight of 0 leaves edges out."""
    loss = (result - target).abs().mean()
    return loss + edge_weight * edge_error(result, target) if edge_weight else loss


def new_model(width: int, code: int, seed: int) -> Autoencoder:
    """Return a model with first weights that depend on the seed alone; the caller's generator stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Autoencoder(width, code)
