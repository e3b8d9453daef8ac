# SPDX-License-Identifier: Apache-2.0
"""What the colour conversions' tests share: a case of pixelwise conversions, and images to convert."""

import functools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import cv2
import numpy as np
import skimage.data
import torch
from torch import Tensor

from foveal import use_kernels
from tests.contract import Contract, Make, Sample, call

SHAPES = ((2, 3, 4, 5), (3, 7, 5), (1, 3, 1, 1), (2, 2, 3, 2, 3), (0, 3, 2, 2))
SPECIAL = (
    (0, 0, 0), (0.5, 0.5, 0.5), (1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1),
    (0.5, 0.5, 0.25), (0.25, 0.5, 0.5), (0.5, 0.25, 0.5), (1, 1, 1 - 2**-24),
)  # fmt: skip


class ColourCase(Contract):
    """A conversion of three channels into some, pixel by pixel."""

    low: ClassVar[tuple[float, float, float]] = (0, 0, 0)
    """Smallest value of each channel in the samples."""

    high: ClassVar[tuple[float, float, float]] = (1, 1, 1)

    takes_bytes: ClassVar[bool] = True

    peer: ClassVar[Callable[..., Any]]
    """Kornia's function, as a `staticmethod`."""

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return self.peer(*args, **kwargs)

    def colours(self, make: Make, *shape: int) -> Tensor:
        low, high = (make.tensor(bounds).view(3, 1, 1) for bounds in (self.low, self.high))
        return low + (high - low) * make.uniform(*shape)

    def samples(self, make: Make) -> Iterator[Sample]:
        for shape in SHAPES:
            yield call(self.colours(make, *shape))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(self.colours(make, 3, 3, 65, 67))
        # More than a block of the kernels, and not a whole number of them.
        yield call(self.colours(make, 1, 3, 97, 131))

    def special(self, make: Make) -> Iterator[Sample]:
        low, high = (make.tensor(bounds).view(3, 1, 1) for bounds in (self.low, self.high))
        pixels = make.tensor(SPECIAL).T.view(3, 1, -1)
        yield call(low + (high - low) * pixels)
        yield call(pixels)
        if make.dtype.itemsize > 2:
            # Next to black the slope of a saturation does not fit into half precision.
            yield call(make.tensor([(1e-8, 0, 0), (0, 1e-6, 1e-6), (1e-30, 0, 1e-30)]).T.view(3, 1, -1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, r"(image|input) must be a torch.Tensor, got list", call([1.0])
        wanted = "must have a floating-point dtype" + (" or be uint8" if self.takes_bytes else "")
        yield TypeError, f"{wanted}, got torch.int64", call(make.integers(0, 2, 3, 2, 2))
        yield ValueError, r"must have shape \(\*, 3, H, W\), got \(2, 4, 5\)", call(make.uniform(2, 4, 5))
        yield ValueError, r"must have shape \(\*, 3, H, W\), got \(3, 4\)", call(make.uniform(3, 4))


def cube(steps: int = 33) -> Tensor:
    """Return RGB over the whole cube, its grey axis and its corners included, (3, steps, steps^2)."""
    axis = torch.linspace(0, 1, steps)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).reshape(3, steps, -1)


def greys(count: int = 4096) -> Tensor:
    """Return the grey axis, finer than bytes, (3, 1, count)."""
    return torch.linspace(0, 1, count).expand(3, 1, count).contiguous()


def dark(count: int = 4096) -> Tensor:
    """Return colours next to black, down to the smallest normal numbers, (3, 1, count)."""
    generator = torch.Generator().manual_seed(0)
    scale = torch.logspace(-38, -1, count)
    return torch.rand(3, 1, count, generator=generator) * scale


@functools.cache
def photograph() -> Tensor:
    """Return a photograph as uint8, (3, 300, 451)."""
    return torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).contiguous()


def opencv(image: Tensor, code: int) -> Tensor:
    """Convert one image (C, H, W) by OpenCV."""
    rows = np.ascontiguousarray(image.permute(1, 2, 0).squeeze(-1).numpy())
    result = cv2.cvtColor(rows, code)
    return torch.from_numpy(np.atleast_3d(result)).permute(2, 0, 1)


def check_round_trip(there: Callable[[Tensor], Tensor], back: Callable[[Tensor], Tensor]) -> None:
    """Colours come back within 1e-5 in float32: over the cube, on the grey axis and next to black."""
    for enabled in (True, False):
        with use_kernels(enabled):
            for colours in (cube(), greys(), dark()):
                torch.testing.assert_close(back(there(colours)), colours, rtol=0, atol=1e-5)


def check_large(operation: Callable[[Tensor], Tensor], high: tuple[float, float, float] = (1, 1, 1)) -> None:
    """A large image, whose result kernels write past the caches, is converted as its parts are.

    Args:
        operation: the conversion.
        high: largest value of each channel; the smallest is 0.
    """
    # 8.1 MiB, and not a whole number of the kernels' blocks.
    colours = cube(89).flatten(1)[:, :-9].reshape(3, 16, -1) * torch.tensor(high).view(3, 1, 1)
    colours[0, 0, 5], colours[1, 1, 7], colours[2, 2, 9] = torch.nan, torch.nan, torch.inf
    parts = [operation(part) for part in colours.split(4, dim=1)]
    torch.testing.assert_close(operation(colours), torch.cat(parts, dim=1), rtol=0, atol=1e-6, equal_nan=True)


def check_bytes(
    operation: Callable[..., Tensor],
    image: Tensor,
    expected: Tensor,
    *,
    period: tuple[int, ...] | None = None,
    levels: int = 1,
    outliers: float = 0.0,
) -> None:
    """Bytes equal OpenCV's within one level, by the kernel and by the reference.

    Args:
        operation: the conversion.
        image: its input.
        expected: OpenCV's result.
        period: wraps each channel.
        levels: largest difference; more than 1 only where OpenCV's is wrong by that much.
        outliers: share of the bytes that may differ by more than one level for that reason.
    """
    for enabled in (True, False):
        with use_kernels(enabled):
            actual = operation(image)
        assert actual.dtype is torch.uint8
        assert actual.shape == expected.shape
        difference = (actual.int() - expected.int()).abs()
        if period is not None:
            turn = torch.tensor(period).view(-1, 1, 1)
            difference = torch.minimum(difference, (turn - difference).abs())
        assert (difference > 1).double().mean() <= outliers
        assert difference.max() <= levels, f"kernels {enabled}: {difference.flatten(1).amax(dim=1).tolist()}"


def byte_images() -> list[Tensor]:
    """Return a photograph and every grey and corner of the cube with much between, as bytes."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randint(0, 256, (3, 256, 256), generator=generator, dtype=torch.uint8)
    return [photograph(), (cube(18) * 255).round().to(torch.uint8), (greys(256) * 255).round().to(torch.uint8), noise]
