# SPDX-License-Identifier: Apache-2.0
"""The brown of old photographs."""

from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.color._matrix import Matrix, mix

SEPIA: Matrix = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


@op
def sepia(
    input: Pixels[Tensor, "*batch 3 height width"], rescale: bool = True, eps: float = 1e-6
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Tint RGB as an old photograph.

    Args:
        input: RGB in [0, 1], (*, 3, H, W), or uint8.
        rescale: divide each image by its largest value, so that the result stays in [0, 1]; else white becomes
            (1.351, 1.203, 0.937).
        eps: added to the largest value.

    Returns:
        RGB, (*, 3, H, W), in the dtype of `input`.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8.
        ValueError: `input` has not the shape (*, 3, H, W).

    >>> import torch
    >>> sepia(torch.ones(3, 1, 1), rescale=False).flatten()
    tensor([1.3510, 1.2030, 0.9370])

    Source: the customary matrix; it has no single publication.
    """
    check_pixels(input, "input", 3)
    result = mix(decode(input), SEPIA)
    if rescale:
        result = result / (result.amax(dim=(-3, -2, -1), keepdim=True) + eps)
    return encode(result, input)


class Sepia(module(sepia)): ...
