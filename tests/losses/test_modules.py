# SPDX-License-Identifier: Apache-2.0
"""Module forms compile to one graph, as the functions do, and are as good after a round trip through a copy."""

import copy
from typing import Any

import pytest
import torch

from tests.bad_arguments import Form
from tests.losses.test_bad_arguments import CALLS as LOSSES
from tests.metrics.test_bad_arguments import CALLS as METRICS

FORMS = [call for call in (*LOSSES, *METRICS) if call[1] is not None]


@pytest.mark.parametrize(("function", "form", "arguments"), FORMS, ids=[form.__name__ for _, form, _ in FORMS])
def test_modules_compile_to_one_graph(function: Any, form: Form, arguments: dict[str, Any]) -> None:
    assert form is not None
    inputs, options = form._inputs, form._parameters_of  # pyright: ignore[reportAttributeAccessIssue]
    layer = form(**{option: arguments[name] for option, name in options.items()})
    tensors = [arguments[name] for name in inputs]
    torch.compiler.reset()
    compiled = torch.compile(copy.deepcopy(layer), fullgraph=True, backend="aot_eager")
    expected = function(**arguments)
    torch.testing.assert_close(compiled(*tensors), expected)
    torch.testing.assert_close(layer(*tensors), expected)
