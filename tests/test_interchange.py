# SPDX-License-Identifier: Apache-2.0
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.dlpack import from_dlpack

from foveal import to_jax, to_numpy, to_tensorflow


def test_arrays_share_memory() -> None:
    tensor = torch.zeros(2, requires_grad=True)
    array = to_numpy(tensor)
    array[0] = 3
    assert tensor[0] == 3
    first, second = to_numpy(tensor, torch.ones(1, dtype=torch.bfloat16))
    assert first.dtype == second.dtype == np.float32


@pytest.mark.parametrize(
    ("convert", "module", "name"), [(to_jax, "jax", "JAX"), (to_tensorflow, "tensorflow", "TensorFlow")]
)
def test_without_the_library_the_error_says_what_to_install(
    convert: Any, module: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"this needs {name}: python -m pip install {module}"):
        convert(torch.zeros(1))


def test_tensors_go_by_dlpack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both libraries take what `torch.from_dlpack` takes, which stands in for them."""
    jax, dlpack, tensorflow = ModuleType("jax"), ModuleType("jax.dlpack"), ModuleType("tensorflow")
    take = from_dlpack
    dlpack.from_dlpack = take  # pyright: ignore[reportAttributeAccessIssue]
    tensorflow.experimental = SimpleNamespace(dlpack=SimpleNamespace(from_dlpack=take))  # pyright: ignore
    for module in (jax, dlpack, tensorflow):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    tensor = torch.arange(6.0).view(2, 3)
    for convert in (to_jax, to_tensorflow):
        assert convert(tensor).data_ptr() == tensor.data_ptr()
        assert torch.equal(convert(tensor.T, tensor)[0], tensor.T)


@pytest.mark.parametrize("args", [(), ([1.0],)])
def test_bad_calls_say_what_was_wrong(args: Any) -> None:
    with pytest.raises(TypeError, match=r"a tensor must be given, got none|args must be a torch\.Tensor, got list"):
        to_numpy(*args)
