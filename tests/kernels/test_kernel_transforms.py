# SPDX-License-Identifier: Apache-2.0
"""A kernel's backward under batching, `torch.func`, forward mode and compiled autograd."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.autograd.functional import hessian, jacobian

from tests.kernels.products import leaves, weigh


def test_batched_gradients(operation: Any) -> None:
    x, y = leaves()
    batch = torch.rand(3, 4, dtype=torch.float64)
    found = torch.autograd.grad(operation(x, y)[0], (x, y), batch, is_grads_batched=True)
    wanted = torch.autograd.grad(operation.reference(x, y)[0], (x, y), batch, is_grads_batched=True)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize(
    ("strategy", "vectorize"), [("reverse-mode", False), ("reverse-mode", True), ("forward-mode", True)]
)
def test_jacobian_and_hessian(operation: Any, strategy: str, vectorize: bool) -> None:
    inputs = tuple(leaf.detach() for leaf in leaves())
    for way, finish in ((jacobian, lambda f: lambda *t: f(*t)[0]), (hessian, lambda f: lambda *t: weigh(*f(*t)[:2]))):
        option = "strategy" if way is jacobian else "outer_jacobian_strategy"
        found, wanted = (
            way(finish(f), inputs, vectorize=vectorize, **{option: strategy}) for f in (operation, operation.reference)
        )
        torch.testing.assert_close(found, wanted)


def test_function_transforms(operation: Any) -> None:
    inputs = tuple(leaf.detach() for leaf in leaves())
    for transform in (torch.func.jacrev, torch.func.jacfwd, lambda f: torch.func.vmap(torch.func.vmap(f))):
        shaped = inputs if transform in (torch.func.jacrev, torch.func.jacfwd) else [i.view(2, 2) for i in inputs]
        found, wanted = (transform(lambda *t, f=f: f(*t)[:2])(*shaped) for f in (operation, operation.reference))
        torch.testing.assert_close(found, wanted)
    found, wanted = (
        torch.func.hessian(lambda x, f=f: f(x, inputs[1])[0].sum())(inputs[0]) for f in (operation, operation.reference)
    )
    torch.testing.assert_close(found, wanted)


def test_vmap_over_backward_of_an_ordinary_call(operation: Any) -> None:
    x, y = leaves()
    batch = torch.rand(3, 4, dtype=torch.float64)
    result = operation(x, y)[0]
    found = torch.func.vmap(lambda g: torch.autograd.grad(result, x, g, retain_graph=True)[0])(batch)
    torch.testing.assert_close(found, torch.autograd.grad(result, x, batch, is_grads_batched=True)[0])


def test_forward_mode(operation: Any) -> None:
    x, y = (leaf.detach() for leaf in leaves())
    direction = torch.rand_like(x)

    def tangents(f: Any) -> list[Tensor]:
        with forward_ad.dual_level():
            outputs = f(forward_ad.make_dual(x, direction), y)
            return [t for output in outputs if (t := forward_ad.unpack_dual(output).tangent) is not None]

    torch.testing.assert_close(tangents(operation), tangents(operation.reference))


def test_forward_mode_over_backward_of_an_ordinary_call(operation: Any) -> None:
    x, y = leaves()
    result, direction = operation(x, y)[0], torch.rand(4, dtype=torch.float64)
    with forward_ad.dual_level():
        (gradient,) = torch.autograd.grad(result, x, forward_ad.make_dual(torch.ones_like(result), direction))
        tangent = forward_ad.unpack_dual(gradient).tangent
    torch.testing.assert_close(tangent, torch.autograd.grad(operation.reference(x, y)[0], x, direction)[0])


def test_compiled_autograd(operation: Any) -> None:
    x, y = leaves()
    wanted = torch.autograd.grad(weigh(*operation.reference(x, y)[:2]), (x, y))
    torch.compiler.reset()
    with torch._dynamo.compiled_autograd._enable(torch.compile(backend="eager")):
        weigh(*operation(x, y)[:2]).backward()
    torch.testing.assert_close((x.grad, y.grad), wanted)
