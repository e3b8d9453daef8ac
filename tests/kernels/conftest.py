# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import pytest

from tests.kernels.products import Counted, products


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture(params=["adjoint", "no adjoint"])
def operation(request: pytest.FixtureRequest, make_operation: Callable[..., Any], counted: Counted) -> Any:
    adjoint = counted.adjoint if request.param == "adjoint" else None
    return make_operation(products, counted.forward, adjoint=adjoint)
