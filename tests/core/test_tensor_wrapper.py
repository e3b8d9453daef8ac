# SPDX-License-Identifier: Apache-2.0
import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from foveal.core import TensorWrapper


class Named(TensorWrapper):
    """A class of its own is kept."""

    __slots__ = ()


BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lt", "le", "gt", "ge", "eq", "ne"]
wrap: Any = TensorWrapper  # whose operators are written by a loop
VALUES = torch.tensor([3.0, -4.0, 0.5])


@pytest.mark.parametrize("name", BINARY)
def test_operators_compute_on_the_tensor(name: str) -> None:
    function, other = getattr(operator, name), torch.tensor([2.0, 2.0, 0.5])
    for result in (function(Named(VALUES), other), function(Named(VALUES), TensorWrapper(other))):
        assert type(result) is Named
        assert torch.equal(result.unwrap(), function(VALUES, other))
    assert torch.equal(function(2.0, Named(VALUES.abs())).unwrap(), function(2.0, VALUES.abs()))


def test_integers_and_matrices() -> None:
    ints, matrix = torch.tensor([6, 3]), torch.rand(2, 2)
    for function in (operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift):
        assert torch.equal(function(TensorWrapper(ints), 1).unwrap(), function(ints, 1))
    steps: list[Callable[[Any], Any]] = [operator.neg, operator.pos, abs]
    for step in steps:
        assert torch.equal(step(TensorWrapper(ints)).unwrap(), step(ints))
    assert torch.equal(operator.invert(wrap(ints)).unwrap(), ~ints)
    assert torch.equal((wrap(matrix) @ matrix).unwrap(), matrix @ matrix)


def test_functions_methods_and_attributes_are_noted() -> None:
    values: Any = Named(VALUES)
    result = torch.stack([values, values.sin()])
    assert type(result) is Named
    assert torch.equal(result.unwrap(), torch.stack([VALUES, VALUES.sin()]))
    assert values.shape == (3,)
    assert {"sin", "shape"} <= values.used_attrs
    assert torch.stack in values.used_calls
    assert type(values.view(1, 3).T) is Named
    assert torch.equal(values.sort().values, VALUES.sort().values)
    with pytest.raises(AttributeError, match="unheard_of"):
        _ = values.unheard_of


def test_operators_in_place_change_the_tensor() -> None:
    tensor = VALUES.clone()
    values = alias = wrap(tensor)
    values += 1
    values *= TensorWrapper(torch.tensor(2.0))
    assert values is alias
    assert torch.equal(tensor, (VALUES + 1) * 2)
    values[0] = 7.0
    assert tensor[0] == 7


def test_wrappers_behave_as_values() -> None:
    values = TensorWrapper(VALUES)
    assert len(values) == 3
    assert [float(member) for member in values] == VALUES.tolist()
    assert float(values[0]) == complex(values[0]).real == 3
    assert int(values[0]) == 3
    assert bool(values[0])
    assert list(range(4))[TensorWrapper(torch.tensor(2))] == 2
    assert repr(values[0]) == "TensorWrapper(3.0)"
    np.testing.assert_array_equal(np.asarray(values), VALUES.numpy())
    assert torch.equal(torch.from_dlpack(values), VALUES)  # pyright: ignore[reportPrivateImportUsage]
    for twin in (copy.deepcopy(values), copy.copy(values), pickle.loads(pickle.dumps(values)), TensorWrapper(values)):  # pyright: ignore
        assert type(twin) is TensorWrapper
        assert torch.equal(twin.data, VALUES)
    assert len({values, values}) == 1
    with pytest.raises(TypeError, match=r"data must be a torch\.Tensor or a TensorWrapper, got list"):
        TensorWrapper([1.0])  # pyright: ignore[reportArgumentType]
