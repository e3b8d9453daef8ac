# SPDX-License-Identifier: Apache-2.0
"""Parzen-window joint histograms: a pair of samples meets only the bins within reach, never a table of all.

joint[a, b] = sum over pairs of w(x - a) w(y - b), with x and y the places of the samples in bins.
    Adjoint: gx = sum over a, b of g[a, b] w'(x - a) w(y - b), gy likewise, and from the places to the samples by
    x = (sample - lowest) / extent * (bins - 1): s = x / (bins - 1) is linear in the sample, in the lowest one by
    -(1 - s) / extent, and in the highest one by -s / extent. Equal extremes share their gradient.

Counts are float64; `_information` measures them.
"""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import Kernel, kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.losses._information import measure, slopes
from foveal.kernels.cpu.losses._parzen import RECTANGULAR, TRUNCATED_GAUSSIAN, XU, count, pull
from foveal.losses._joint_histogram import MIKernel

f32 = np.float32
Array = np.ndarray[Any, Any]

KINDS = {MIKernel.xu: XU, MIKernel.rectangular: RECTANGULAR, MIKernel.truncated_gaussian: TRUNCATED_GAUSSIAN}

# In bins: tables of wider kernels are dense, and products of matrices, as the reference's, are faster.
WIDEST = 8
# Pairs of the least piece of a row that has a table of its own: it takes longer than to add the table up.
PIECE = 1 << 15
# Pieces of all rows together, at the most, unless there are more rows.
PIECES = 16
# A pair takes some 5 nanoseconds, where `parallel_for` counts on 1 for 16 elements.
EFFORT = 16


def _accepts(
    input: Any,
    target: Any,
    input_mask: Any,
    target_mask: Any,
    kernel_function: Any,
    num_bins: Any,
    window_radius: Any,
    dimensions: int,
) -> bool:
    """Say whether the kernel takes a call on signals whose last so many dimensions are samples."""
    return (
        isinstance(input, Tensor)
        and isinstance(target, Tensor)
        and input.dtype is target.dtype is torch.float32
        and input.shape == target.shape
        and input.ndim >= dimensions
        and input.numel() > 0
        and isinstance(kernel_function, MIKernel)
        and type(num_bins) is int
        and num_bins >= 2
        and type(window_radius) in (int, float)
        and 0 < window_radius <= WIDEST
        and all(
            mask is None
            or (isinstance(mask, Tensor) and mask.dtype is torch.bool and mask.shape == input.shape[-dimensions:])
            for mask in (input_mask, target_mask)
        )
    )


def kernels_of(normalized: bool, name: str) -> list[Kernel]:
    """Return the kernels of a loss of signals, of images and of volumes; `name` is that of the first operation."""
    return [_kernel_of(normalized, place + 1, name + suffix) for place, suffix in enumerate(("", "_2d", "_3d"))]


def _kernel_of(normalized: bool, dimensions: int, name: str) -> Kernel:
    def accepts(
        input: Tensor,
        target: Any,
        input_mask: Any,
        target_mask: Any,
        kernel_function: Any,
        num_bins: Any,
        window_radius: Any,
    ) -> bool:
        return _accepts(input, target, input_mask, target_mask, kernel_function, num_bins, window_radius, dimensions)

    def adjoint(
        needs: tuple[bool, ...],
        gradients: tuple[Tensor, ...],
        outputs: tuple[Tensor, ...],
        input: Tensor,
        target: Tensor,
        input_mask: Tensor | None,
        target_mask: Tensor | None,
        *options: Any,
    ) -> tuple[Tensor | None, ...]:
        pairs = Pairs((input, target), (input_mask, target_mask), dimensions, options)
        found = pairs.pull(normalized, gradients[0], needs)
        return *(None if rows is None else rows.view(input.shape) for rows in found), *(None,) * 5

    def forward(
        input: Tensor,
        target: Tensor,
        input_mask: Tensor | None,
        target_mask: Tensor | None,
        kernel_function: MIKernel,
        num_bins: int,
        window_radius: float,
    ) -> Tensor:
        """Count the pairs in bins, and measure the counts."""
        options = kernel_function, num_bins, window_radius
        return Pairs((input, target), (input_mask, target_mask), dimensions, options).loss(normalized)

    forward.__name__ = name
    examples = partial(_examples, *((2,) * (dimensions - 1)), 4)
    return kernel(accepts=accepts, adjoint=adjoint, examples=examples, keep_outputs=False)(forward)


def _examples(*shape: int) -> Iterator[tuple[Any, ...]]:
    """Yield calls that compile every loop."""
    signal = torch.arange(math.prod(shape), dtype=torch.float32, device="cpu").view(shape)
    yield signal, signal, None, None, MIKernel.xu, 4, 1.0


class Signal(NamedTuple):
    """One side of the pairs: rows of samples, and where they begin and end."""

    rows: Tensor
    mask: Tensor | None
    lowest: Tensor
    highest: Tensor
    constant: Tensor

    @classmethod
    def of(cls, signal: Tensor, mask: Tensor | None, dimensions: int) -> "Signal":
        rows = signal.detach().flatten(-dimensions).reshape(-1, math.prod(signal.shape[-dimensions:])).contiguous()
        mask = None if mask is None else mask.flatten()
        inside = rows if mask is None else rows[:, mask]
        if inside.shape[1]:
            lowest, highest = inside.aminmax(dim=1)
        else:
            lowest = highest = rows.new_zeros(rows.shape[0])
        return cls(rows, mask, lowest, highest, highest - lowest <= torch.finfo(rows.dtype).eps)

    def scale(self) -> tuple[Array, Array]:
        """Return the lowest samples and the extents; those of a constant one are not used."""
        return as_array(self.lowest), as_array(self.highest - self.lowest)


class Pairs:
    """The pairs of samples of two signals, those that both masks let pass."""

    def __init__(
        self, signals: tuple[Tensor, Tensor], masks: tuple[Tensor | None, Tensor | None], dimensions: int, options: Any
    ) -> None:
        kernel_function, self.bins, radius = options
        self.first, self.second = (
            Signal.of(signal, mask, dimensions) for signal, mask in zip(signals, masks, strict=True)
        )
        self.both: Tensor | None = None
        for signal in (self.first, self.second):
            if signal.mask is not None:
                self.both = signal.mask if self.both is None else self.both & signal.mask
        self.constant = self.first.constant | self.second.constant
        self.kernel = KINDS[kernel_function], f32(radius), f32(1 / radius)
        self.batch = signals[0].shape[:-dimensions]
        self.values = tuple(as_array(self._chosen(signal.rows)) for signal in (self.first, self.second))
        rows, samples = self.values[0].shape
        self.pieces = max(1, min(PIECES // rows, samples // PIECE))
        self.known = torch.isfinite(self.first.highest - self.first.lowest)
        self.known &= torch.isfinite(self.second.highest - self.second.lowest)

    def _chosen(self, rows: Tensor) -> Tensor:
        return rows if self.both is None else rows[:, self.both]

    def _arguments(self) -> tuple[Any, ...]:
        skipped = as_array(self.constant | ~self.known)
        return *self.values, *self.first.scale(), *self.second.scale(), skipped, self.pieces, *self.kernel

    def joint(self) -> Array:
        """Return the soft counts, (rows, bins, bins)."""
        rows = self.values[0].shape[0]
        counts = np.zeros((rows, self.pieces, self.bins, self.bins))
        work = self.values[0].size * EFFORT
        parallel_for(count, rows * self.pieces, *self._arguments(), counts, work=work)
        return counts[:, 0] if self.pieces == 1 else counts.sum(axis=1)

    def loss(self, normalized: bool) -> Tensor:
        """Return minus the information of the counts; NaN where a sample is not finite."""
        counts = self.joint()
        result = empty(*self.batch)
        parallel_for(
            measure, len(counts), counts, as_array(self.known), normalized, result.numpy().reshape(-1), work=counts.size
        )
        return result

    def pull(self, normalized: bool, gradient: Tensor, needs: tuple[bool, ...]) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients to both signals, as rows."""
        counts = self.joint()
        tables = np.empty(counts.shape, f32)
        parallel_for(slopes, len(counts), counts, normalized, as_array(gradient).reshape(-1), tables, work=counts.size)
        places = empty(*self.values[0].shape), empty(*self.values[0].shape)
        rows = places[0].shape[0]
        # For each signal the sums of g and of g s.
        sums = np.zeros((rows, self.pieces, 2, 2))
        parallel_for(
            pull, rows * self.pieces, *self._arguments(), tables, places[0].numpy(),
            places[1].numpy(), sums, work=self.values[0].size * EFFORT,
        )  # fmt: skip
        totals = torch.from_numpy(sums.sum(axis=1)).float()
        return (
            self._to_samples(self.first, places[0], totals[:, 0]) if needs[0] else None,
            self._to_samples(self.second, places[1], totals[:, 1]) if needs[1] else None,
        )

    def _to_samples(self, signal: Signal, places: Tensor, totals: Tensor) -> Tensor:
        """Put the gradients of the pairs where their samples are, and give the extremes their part."""
        gradient = places
        if self.both is not None:
            gradient = torch.zeros_like(signal.rows)
            gradient[:, self.both] = places
        at_highest = totals[:, 1]
        at_lowest = totals[:, 0] - at_highest
        for extreme, total in ((signal.lowest, at_lowest), (signal.highest, at_highest)):
            equal = signal.rows == extreme.unsqueeze(1)
            if signal.mask is not None:
                equal &= signal.mask
            share = total / equal.sum(dim=1).clamp(min=1)
            gradient = torch.where(equal, gradient - share.unsqueeze(1), gradient)
        return torch.where(self.known.unsqueeze(1), gradient, torch.nan)
