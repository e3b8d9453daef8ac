# SPDX-License-Identifier: Apache-2.0
"""Tensors as the arrays of other libraries, which are imported at the first call."""

import importlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from foveal._check import check_tensor


def to_numpy(*args: Tensor) -> Any:
    """Return a tensor as an array, several as a tuple of them. Memory on the CPU is shared; bfloat16 becomes float32.

    Args:
        args: tensors.

    Raises:
        TypeError: none, or one that is no tensor.

    >>> to_numpy(torch.tensor([1, 2]))
    array([1, 2])
    """

    def convert(tensor: Tensor) -> Any:
        values = tensor.cpu()
        return (values.float() if values.dtype is torch.bfloat16 else values).numpy()

    return _each(args, convert)


def to_jax(*args: Tensor) -> Any:
    """Return a tensor as an array of JAX, several as a tuple of them. Memory is shared (DLPack).

    Args:
        args: tensors.

    Raises:
        ImportError: JAX is not installed.
        TypeError: none, or one that is no tensor.
    """
    dlpack = _import("jax.dlpack", "JAX", "jax")

    def convert(tensor: Tensor) -> Any:
        return dlpack.from_dlpack(tensor.contiguous())

    return _each(args, convert)


def to_tensorflow(*args: Tensor) -> Any:
    """Return a tensor as one of TensorFlow, several as a tuple of them. Memory is shared (DLPack).

    Args:
        args: tensors.

    Raises:
        ImportError: TensorFlow is not installed.
        TypeError: none, or one that is no tensor.
    """
    tensorflow = _import("tensorflow", "TensorFlow", "tensorflow")
    from_dlpack = tensorflow.experimental.dlpack.from_dlpack

    def convert(tensor: Tensor) -> Any:
        return from_dlpack(torch.to_dlpack(tensor.contiguous()))

    return _each(args, convert)


def _each(tensors: tuple[Tensor, ...], convert: Callable[[Tensor], Any]) -> Any:
    if not tensors:
        raise TypeError("a tensor must be given, got none")
    for tensor in tensors:
        check_tensor(tensor, "args")
    results = [convert(tensor.detach()) for tensor in tensors]
    return tuple(results) if len(results) > 1 else results[0]


def _import(module: str, name: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise ImportError(f"this needs {name}: python -m pip install {package}") from None
