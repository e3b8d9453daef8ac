# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the filters of volumes by a given kernel.

Floor: one read and one write of the volume. A kernel takes kD kH kW multiplications and additions a voxel.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.filters._correlate import normalize
from foveal.kernels._kernel import kernel as make_kernel
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._taps import accepts_border, accepts_image, accepts_taps, pull_back_taps, taps_of
from foveal.kernels.cpu.filters._volume import filter_volume, filter_volume_adjoint, volume_taps_adjoint


def _accepts(input: Tensor, kernel: Any, border_type: Any, normalized: Any, behaviour: Any) -> bool:
    return _accepts_either(input, kernel, border_type, normalized) and behaviour in ("corr", "conv")


def _accepts_either(input: Tensor, kernel: Any, border_type: Any, normalized: Any) -> bool:
    return accepts_image(input, axes=3) and accepts_taps(kernel, input, 3) and accepts_border(border_type)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4, 4), torch.ones(1, 3, 3, 3), "replicate", False, "corr"


def _examples_of_either() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4, 4), torch.ones(1, 3, 3, 3), "replicate", False


def _turned(taps: Array, behaviour: str) -> Array:
    return taps[:, ::-1, ::-1, ::-1] if behaviour == "conv" else taps


def _filter(input: Tensor, kernel: Tensor, border_type: str, normalized: bool, behaviour: str) -> Tensor:
    return filter_volume(input, _turned(taps_of(kernel, normalized), behaviour), border_type)


def _pull_back(
    needs: tuple[bool, ...],
    gradient: Tensor,
    input: Tensor,
    kernel: Tensor,
    border_type: str,
    normalized: bool,
    behaviour: str,
) -> tuple[Tensor | None, Tensor | None]:
    to_volume = to_kernel = None
    if needs[0]:
        to_volume = filter_volume_adjoint(gradient, _turned(taps_of(kernel, normalized), behaviour), border_type)
    if needs[1]:
        found = _turned(volume_taps_adjoint(input, gradient, tuple(kernel.shape[1:]), border_type), behaviour)
        to_kernel = pull_back_taps(kernel, normalize if normalized else Tensor.clone, found)
    return to_volume, to_kernel


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return *_pull_back(needs, gradients[0], *arguments), None, None, None


def _adjoint_of_correlation(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return *_pull_back(needs, gradients[0], *arguments, "corr"), None, None


def _adjoint_of_convolution(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return *_pull_back(needs, gradients[0], *arguments, "conv"), None, None


@make_kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def filter3d(input: Tensor, kernel: Tensor, border_type: str, normalized: bool, behaviour: str) -> Tensor:
    """Weighted sums over the window of every voxel."""
    return _filter(input, kernel, border_type, normalized, behaviour)


@make_kernel(accepts=_accepts_either, adjoint=_adjoint_of_correlation, examples=_examples_of_either, keep_outputs=False)
def correlate3d(input: Tensor, kernel: Tensor, border_type: str, normalized: bool) -> Tensor:
    """Weighted sums over the window of every voxel."""
    return _filter(input, kernel, border_type, normalized, "corr")


@make_kernel(accepts=_accepts_either, adjoint=_adjoint_of_convolution, examples=_examples_of_either, keep_outputs=False)
def convolve3d(input: Tensor, kernel: Tensor, border_type: str, normalized: bool) -> Tensor:
    """Weighted sums over the turned window of every voxel."""
    return _filter(input, kernel, border_type, normalized, "conv")
