# SPDX-License-Identifier: Apache-2.0
"""Models of the motion between two images: the groups of plane transforms that Gauss-Newton steps through."""

import torch
from jaxtyping import Float
from torch import Tensor

# Entries (row, column, value) of the matrices that a model's parameters multiply, beside the identity.
_ENTRIES: dict[str, tuple[tuple[tuple[int, int, float], ...], ...]] = {
    "translation": (((0, 2, 1.0),), ((1, 2, 1.0),)),
    "similarity": (
        ((0, 2, 1.0),),
        ((1, 2, 1.0),),
        ((0, 0, 1.0), (1, 1, 1.0)),
        ((0, 1, -1.0), (1, 0, 1.0)),
    ),
    "affine": (((0, 2, 1.0),), ((1, 2, 1.0),), *(((i, j, 1.0),) for i in range(2) for j in range(2))),
    "homography": (
        ((0, 2, 1.0),),
        ((1, 2, 1.0),),
        *(((i, j, 1.0),) for i in range(2) for j in range(2)),
        ((2, 0, 1.0),),
        ((2, 1, 1.0),),
    ),
}

MODELS = tuple(_ENTRIES)
"""Each model holds those before it."""


def generators(model: str) -> Float[Tensor, "parameters 3 3"]:
    """Return the matrices G_k of a model: a step p is the transform I + sum of p_k G_k."""
    result = torch.zeros(len(_ENTRIES[model]), 3, 3)
    for matrix, entries in zip(result, _ENTRIES[model], strict=True):
        for row, column, value in entries:
            matrix[row, column] = value
    return result


def step(model: str, parameters: Float[Tensor, "batch parameters"]) -> Float[Tensor, "batch 3 3"]:
    """Return the transforms of some parameters."""
    basis = generators(model).to(parameters)
    return torch.eye(3).to(parameters) + torch.einsum("bk,kij->bij", parameters, basis)


def steepest_descent(
    model: str, gradient: Float[Tensor, "2 pixels"], x: Float[Tensor, "pixels"], y: Float[Tensor, "pixels"]
) -> Float[Tensor, "parameters pixels"]:
    """Return how pixels change by each parameter at zero: their gradient times the motion of their places (x, y)."""
    points = torch.stack([x, y, torch.ones_like(x)])
    across, down, depth = (generators(model).to(x) @ points).unbind(1)
    # The derivative of (a / c, b / c) where c = 1, a = x and b = y.
    return gradient[0] * (across - x * depth) + gradient[1] * (down - y * depth)


def between_levels(old: Tensor, new: Tensor) -> Float[Tensor, "3 3"]:
    """Return the transform from the pixels of an image to those of another, of another size, that shows the same."""
    x, y = new.shape[-1] / old.shape[-1], new.shape[-2] / old.shape[-2]
    return torch.tensor([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], dtype=torch.float64)
