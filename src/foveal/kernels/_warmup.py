# SPDX-License-Identifier: Apache-2.0
"""Compilation ahead of time: every kernel runs once on each of its examples."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import Kernel


def warm_up(device: str = "cpu") -> Iterator[str]:
    """Compile the kernels of a device into the cache on disk, one at each step.

    Args:
        device: type of device, `"cpu"` or `"cuda"`.

    Returns:
        Iterator over the full names of the operations whose kernels have just been compiled.

    Raises:
        ValueError: there are no kernels for such a device.
        RuntimeError: a kernel refuses one of its own examples.

    >>> from foveal.kernels import warm_up
    >>> next(warm_up())
    'foveal...'
    """
    if device not in ("cpu", "cuda"):
        raise ValueError(f"device must be one of 'cpu', 'cuda', got {device!r}")
    package = importlib.import_module(f"foveal.kernels.{device}")
    for place in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if place.ispkg or place.name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(place.name)
        for kernel in [value for value in vars(module).values() if isinstance(value, Kernel)]:
            if kernel.forward.__module__ == place.name:
                name = f"{place.name.replace(f'foveal.kernels.{device}.', 'foveal.')}.{kernel.__name__}"
                _compile(name, kernel)
                yield name


def _compile(name: str, kernel: Kernel) -> None:
    path, _, function = name.rpartition(".")
    operation = getattr(importlib.import_module(path), function)
    for arguments in kernel.examples():
        if not kernel.accepts(*arguments):
            raise RuntimeError(f"the kernel of {name} refuses its own example {arguments}")
        kernel.forward(*arguments)
        if kernel.adjoint is None:
            continue
        with torch.enable_grad():
            leaves = [
                value.detach().requires_grad_() if isinstance(value, Tensor) and value.is_floating_point() else value
                for value in arguments
            ]
            result: Any = kernel.run(operation.reference, tuple(leaves), always=True)
            outputs: tuple[Tensor, ...] = result if isinstance(result, tuple) else (result,)
            smooth = [output for output in outputs if output.requires_grad]
            if smooth:
                torch.autograd.backward(smooth, [torch.ones_like(output) for output in smooth])
