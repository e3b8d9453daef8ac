# SPDX-License-Identifier: Apache-2.0
"""What the tests of morphology share: a case of operations by a structuring element, elements and photographs."""

import functools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import skimage.data
import torch
from torch import Tensor

from tests.contract import Contract, Make, Sample, call

BORDERS = ("geodesic", "constant", "reflect", "replicate", "circular")


class MorphologyCase(Contract):
    """An operation on images by a kernel."""

    peer: ClassVar[Callable[..., Any]]
    """Kornia's function, as a `staticmethod`."""

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return self.peer(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 2, 7, 9)
        yield call(image, make.tensor(torch.ones(3, 3)))
        yield call(image, kernel=make.tensor(torch.ones(5, 5)), origin=[0, 3], border_type="constant", border_value=0.4)
        yield call(image, cross(3))
        yield call(image, torch.tensor([[1, 0, 1, 1], [0, 0, 0, 0], [1, 1, 0, 1]]), border_type="replicate")
        yield call(image, torch.ones(3, 3).int(), structuring_element=make.uniform(3, 3), border_type="reflect")
        yield call(image, cross(3), structuring_element=make.uniform(3, 3, low=-1))
        for border_type in BORDERS:
            yield call(make.uniform(2, 1, 6, 5), torch.ones(2, 4, dtype=torch.bool), border_type=border_type)
        yield call(image, make.tensor(torch.ones(1, 1)))
        yield call(make.uniform(1, 1, 1, 1), make.tensor(torch.ones(5, 3)))
        yield call(make.uniform(0, 2, 3, 3), make.tensor(torch.ones(3, 3)))

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 3, 83, 71)
        for size in (5, 7, 19):
            yield call(image, torch.ones(size, size, dtype=torch.int64))
        yield call(image, torch.ones(11, 4, dtype=torch.int64), origin=[9, 1], border_type="circular")
        yield call(image, torch.ones(21, 1, dtype=torch.int64), border_type="constant", border_value=0.9)
        yield call(image, disk(6))
        yield call(image, make.integers(0, 2, 6, 7), border_type="reflect")
        yield call(image, disk(3), structuring_element=make.uniform(7, 7))

    def special(self, make: Make) -> Iterator[Sample]:
        for value in (0.0, 1.0):
            yield call(make.tensor(torch.full((1, 1, 4, 5), value)), make.tensor(torch.ones(3, 3)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, kernel = make.uniform(1, 1, 4, 4), make.tensor(torch.ones(3, 3))
        yield TypeError, "tensor must be a torch.Tensor, got list", call([1.0], kernel)
        yield TypeError, "floating-point dtype or be uint8, got torch.int64", call(image.long(), kernel)
        yield ValueError, r"tensor must have shape \(B, C, H, W\), got \(1, 4, 4\)", call(image[0], kernel)
        yield ValueError, r"kernel must have shape \(height, width\), got \(3,\)", call(image, kernel[0])
        yield ValueError, r"kernel must have at least one cell, got shape \(0, 3\)", call(image, kernel[:0])
        yield TypeError, "kernel must be a torch.Tensor, got int", call(image, 3)
        yield (
            ValueError,
            r"structuring_element must have shape \(3, 3\), got \(3, 2\)",
            call(image, kernel, kernel[:, :2]),
        )
        yield TypeError, r"origin must be \[row, column\], got int", call(image, kernel, origin=1)
        yield ValueError, r"origin must be two integers \[row, column\], got \[1\]", call(image, kernel, origin=[1])
        yield ValueError, "border_type must be one of .*'circular', got 'zero'", call(image, kernel, border_type="zero")
        yield ValueError, "engine must be one of 'auto', .*, got 'fast'", call(image, kernel, engine="fast")


def cross(size: int) -> Tensor:
    """Return a cross of a row and a column."""
    middle = torch.arange(size) == size // 2
    return middle | middle.unsqueeze(-1)


def disk(radius: int) -> Tensor:
    """Return a disk."""
    squares = torch.arange(-radius, radius + 1) ** 2
    return squares + squares.unsqueeze(-1) <= radius * radius


@functools.cache
def photograph() -> Tensor:
    """Return a photograph as bytes, (1, 3, 300, 451)."""
    return torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).unsqueeze(0).contiguous()


def rows_of(image: Tensor) -> Any:
    """Return one image as OpenCV and SciPy take it, (H, W, C)."""
    return image[0].permute(1, 2, 0).contiguous().numpy()


def image_of(rows: Any) -> Tensor:
    """Return one image of OpenCV's as (1, C, H, W)."""
    return torch.from_numpy(rows).permute(2, 0, 1).unsqueeze(0)


def flat_elements() -> list[Tensor]:
    """Return elements that are symmetric and not, even and odd, with gaps and without."""
    generator = torch.Generator().manual_seed(0)
    holes = torch.randint(0, 2, (6, 9), generator=generator, dtype=torch.uint8)
    shapes = ((5, 5), (3, 3), (2, 2), (4, 7), (1, 9), (9, 1), (31, 17))
    return [*(torch.ones(shape, dtype=torch.uint8) for shape in shapes), cross(5).byte(), disk(9).byte(), holes]
