# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the filters by a given kernel, dense and separable.

Floor: one read and one write of the image. A dense kernel takes kH kW multiplications and additions a pixel, one vector
of them a cycle.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.filters._correlate import normalize
from foveal.kernels._kernel import kernel as make_kernel
from foveal.kernels.cpu.filters._dense import dense, dense_adjoint
from foveal.kernels.cpu.filters._separable import separable, separable_adjoint
from foveal.kernels.cpu.filters._taps import accepts_border, accepts_image, accepts_taps, pull_back_taps, taps_of
from foveal.kernels.cpu.filters._taps_adjoint import across_adjoint, dense_taps_adjoint, down_adjoint


def fits(input: Tensor, kernel: Any, border_type: Any, padding: Any, behaviour: Any) -> bool:
    """Say whether these are arguments of `filter2d`."""
    return (
        accepts_image(input)
        and accepts_taps(kernel, input, 2)
        and accepts_border(border_type)
        and behaviour in ("corr", "conv")
        and (
            padding == "same"
            or (padding == "valid" and kernel.shape[1] <= input.shape[2] and kernel.shape[2] <= input.shape[3])
        )
    )


def correlate_images(
    input: Tensor, kernel: Tensor, border_type: str, normalized: bool, padding: str, behaviour: str
) -> Tensor:
    """Compute `filter2d`."""
    taps = taps_of(kernel, normalized)
    return dense(input, taps[:, ::-1, ::-1] if behaviour == "conv" else taps, border_type, padding)


def pull_back(
    needs: tuple[bool, ...],
    gradient: Tensor,
    input: Tensor,
    kernel: Tensor,
    border_type: str,
    normalized: bool,
    padding: str,
    behaviour: str,
) -> tuple[Tensor | None, Tensor | None]:
    """Return the gradients to images and kernel from that to the result of `filter2d`."""
    to_image = to_kernel = None
    turned = behaviour == "conv"
    if needs[0]:
        taps = taps_of(kernel, normalized)
        taps = taps[:, ::-1, ::-1] if turned else taps
        to_image = dense_adjoint(gradient, input.shape[2:], taps, border_type, padding)
    if needs[1]:
        sides = (kernel.shape[1], kernel.shape[2])
        found = dense_taps_adjoint(input, gradient, sides, border_type, padding)
        found = found[:, ::-1, ::-1] if turned else found
        to_kernel = pull_back_taps(kernel, normalize if normalized else Tensor.clone, found)
    return to_image, to_kernel


def _accepts(input: Tensor, kernel: Any, border_type: Any, normalized: Any, padding: Any, behaviour: Any) -> bool:
    return fits(input, kernel, border_type, padding, behaviour)


def _accepts_either(input: Tensor, kernel: Any, border_type: Any, normalized: Any, padding: Any) -> bool:
    return fits(input, kernel, border_type, padding, "corr")


def _examples() -> Iterator[tuple[Any, ...]]:
    for side in (1, 3, 5, 7):
        yield torch.zeros(1, 1, 40, 40), torch.ones(1, side, side), "reflect", False, "same", "corr"


def _examples_of_either() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), torch.ones(1, 3, 3), "reflect", False, "same"


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return *pull_back(needs, gradients[0], *arguments), None, None, None, None


def _adjoint_of_correlation(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return *pull_back(needs, gradients[0], *arguments, "corr"), None, None, None


def _adjoint_of_convolution(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return *pull_back(needs, gradients[0], *arguments, "conv"), None, None, None


@make_kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def filter2d(input: Tensor, kernel: Tensor, border_type: str, normalized: bool, padding: str, behaviour: str) -> Tensor:
    """Weighted sums over the window of every pixel."""
    return correlate_images(input, kernel, border_type, normalized, padding, behaviour)


@make_kernel(accepts=_accepts_either, adjoint=_adjoint_of_correlation, examples=_examples_of_either, keep_outputs=False)
def correlate2d(input: Tensor, kernel: Tensor, border_type: str, normalized: bool, padding: str) -> Tensor:
    """Weighted sums over the window of every pixel."""
    return correlate_images(input, kernel, border_type, normalized, padding, "corr")


@make_kernel(accepts=_accepts_either, adjoint=_adjoint_of_convolution, examples=_examples_of_either, keep_outputs=False)
def convolve2d(input: Tensor, kernel: Tensor, border_type: str, normalized: bool, padding: str) -> Tensor:
    """Weighted sums over the turned window of every pixel."""
    return correlate_images(input, kernel, border_type, normalized, padding, "conv")


def _accepts_separable(
    input: Tensor, kernel_x: Any, kernel_y: Any, border_type: Any, normalized: Any, padding: Any
) -> bool:
    return (
        accepts_image(input)
        and accepts_taps(kernel_x, input, 1)
        and accepts_taps(kernel_y, input, 1)
        and accepts_border(border_type)
        and (
            padding == "same"
            or (padding == "valid" and kernel_y.shape[1] <= input.shape[2] and kernel_x.shape[1] <= input.shape[3])
        )
    )


def _examples_of_separable() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), torch.ones(1, 3), torch.ones(1, 3), "reflect", False, "same"


def _adjoint_of_separable(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_x: Tensor,
    kernel_y: Tensor,
    border_type: str,
    normalized: bool,
    padding: str,
) -> tuple[Tensor | None, ...]:
    across, down = taps_of(kernel_x, normalized), taps_of(kernel_y, normalized)
    gradient, made = gradients[0], normalize if normalized else Tensor.clone
    to_image = to_x = to_y = None
    if needs[0]:
        to_image = separable_adjoint(gradient, input.shape[2:], across, down, border_type, padding)
    if needs[1]:
        found = across_adjoint(input, gradient, down, across.shape[1], border_type, padding)
        to_x = pull_back_taps(kernel_x, made, found)
    if needs[2]:
        found = down_adjoint(input, gradient, across, down.shape[1], border_type, padding)
        to_y = pull_back_taps(kernel_y, made, found)
    return to_image, to_x, to_y, None, None, None


@make_kernel(
    accepts=_accepts_separable, adjoint=_adjoint_of_separable, examples=_examples_of_separable, keep_outputs=False
)
def filter2d_separable(
    input: Tensor, kernel_x: Tensor, kernel_y: Tensor, border_type: str, normalized: bool, padding: str
) -> Tensor:
    """Sums down the columns into a row in the first-level cache, and along it."""
    return separable(input, taps_of(kernel_x, normalized), taps_of(kernel_y, normalized), border_type, padding)
