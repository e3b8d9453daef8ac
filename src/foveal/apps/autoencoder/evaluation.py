# SPDX-License-Identifier: Apache-2.0
"""What trained models make of photographs, in numbers and as a picture."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._files import written_whole
from foveal.apps.autoencoder.data import Photo
from foveal.apps.autoencoder.model import STRIDE, Autoencoder, edge_error
from foveal.filters import sobel
from foveal.io import write_image


class Scores(NamedTuple):
    """Errors of reconstructions in [0, 1], means over photographs.

    Args:
        absolute_error: mean absolute difference.
        edge_error: mean absolute difference of Sobel's magnitudes.
        edge_share: sum of the magnitudes of the reconstructions, over that of the photographs: 1 is as sharp.
    """

    absolute_error: float
    edge_error: float
    edge_share: float


class Comparison(NamedTuple):
    """What models trained with different losses make of the same photographs.

    Args:
        scores: by loss.
        original: the first photograph, (3, H, W).
        reconstructions: of it, by loss.
        names: of the photographs.
    """

    scores: dict[str, Scores]
    original: Float[Tensor, "3 height width"]
    reconstructions: dict[str, Float[Tensor, "3 height width"]]
    names: tuple[str, ...]


def compare(models: Mapping[str, Autoencoder], photos: Sequence[Photo]) -> Comparison:
    """Let models, by loss, reconstruct photographs (cut to multiples of 8)."""
    originals = [_floats(photo) for photo in photos]
    scores = dict[str, Scores]()
    first = dict[str, Tensor]()
    for loss, model in models.items():
        device = next(model.parameters()).device
        with torch.no_grad():
            results = [model(original[None].to(device))[0].clamp(0, 1).cpu() for original in originals]
        rows = [_score(result, original) for result, original in zip(results, originals, strict=True)]
        scores[loss] = Scores(*torch.tensor(rows, dtype=torch.float64).mean(dim=0).tolist())
        first[loss] = results[0]
    return Comparison(scores, originals[0], first, tuple(photo.name for photo in photos))


def edges(image: Float[Tensor, "3 height width"]) -> Float[Tensor, "3 height width"]:
    """Return Sobel's magnitudes as a picture: the root, that weak ones are seen."""
    return (2 * sobel(image[None])[0]).sqrt().clamp(0, 1)


def write_comparison(folder: Path, comparison: Comparison, details: Mapping[str, Any]) -> None:
    """Write `result.json` and `reconstructions.png`: photograph and reconstructions, and the edges of each below.

    Raises:
        OSError: a file cannot be written.
    """
    images = [comparison.original, *comparison.reconstructions.values()]
    rows = [torch.cat(row, dim=2) for row in (images, [edges(image) for image in images])]
    write_image(folder / "reconstructions.png", (torch.cat(rows, dim=1) * 255).round().to(torch.uint8))
    content = {
        **details,
        "photographs": comparison.names,
        "scores": {loss: scores._asdict() for loss, scores in comparison.scores.items()},
    }
    with written_whole(folder / "result.json") as stream:
        stream.write(json.dumps(content, indent=1).encode() + b"\n")


def _score(result: Tensor, original: Tensor) -> Scores:
    share = sobel(result[None]).sum() / sobel(original[None]).sum()
    return Scores(
        float((result - original).abs().mean()), float(edge_error(result[None], original[None])), float(share)
    )


def _floats(photo: Photo) -> Float[Tensor, "3 height width"]:
    height, width = (side - side % STRIDE for side in photo.pixels.shape[1:])
    return photo.pixels[:, :height, :width].float() / 255
