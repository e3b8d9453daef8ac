# SPDX-License-Identifier: Apache-2.0
"""Autograd through a kernel: whatever holds for the reference holds for the operation."""

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

import foveal
from tests.kernels.products import Counted, leaves, products, weigh

Make = Callable[..., Any]


COMPOSED = {
    "apart": lambda f, x, y: weigh(*f(x, y)[:2]),
    "the same tensor": lambda f, x, y: weigh(*f(x, x)[:2]) + 0 * y.sum(),
    "one made from the other": lambda f, x, y: weigh(*f(x, x.sin() * y)[:2]),
    "both inner": lambda f, x, y: weigh(*f(x * y, x + y)[:2]),
    "twice in a row": lambda f, x, y: weigh(*f(*f(x, y)[:2])[:2]),
    "first output only": lambda f, x, y: weigh(f(x, y)[0]),
    "second output only": lambda f, x, y: weigh(f(x, y)[1]) + 0 * x.sum(),
    "option": lambda f, x, y: weigh(*f(x, y, power=2.0)[:2]),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_gradients_of_every_order_are_the_references(operation: Any, name: str) -> None:
    function, (x, y) = COMPOSED[name], leaves()

    def orders(f: Any) -> list[Tensor]:
        total, found = function(f, x, y), []
        for order in range(3):
            found += (gradients := torch.autograd.grad(total, (x, y), create_graph=order < 2, materialize_grads=True))
            total = weigh(*(gradient.square() for gradient in gradients))
        return found

    torch.testing.assert_close(orders(operation), orders(operation.reference))


def test_gradcheck(operation: Any) -> None:
    assert torch.autograd.gradcheck(operation, leaves())
    assert torch.autograd.gradgradcheck(lambda x, y: operation(x, y)[:2], leaves())


def test_the_adjoint_serves_the_first_order_only(make_operation: Make, counted: Counted) -> None:
    operation, (x, y) = make_operation(products, counted.forward, adjoint=counted.adjoint), leaves()
    torch.autograd.grad(weigh(operation(x, y)[0]), (x, y))
    assert (counted.forwards, len(counted.needs)) == (1, 1)
    torch.autograd.grad(weigh(operation(x, y)[0]), (x, y), create_graph=True)
    assert (counted.forwards, len(counted.needs)) == (2, 1)


@pytest.mark.parametrize("wanted", [(True, False), (False, True)])
def test_only_the_gradients_that_are_needed(operation: Any, counted: Counted, wanted: tuple[bool, bool]) -> None:
    x, y = (leaf.requires_grad_(need) for leaf, need in zip(leaves(), wanted, strict=True))
    leaf = x if wanted[0] else y
    found = torch.autograd.grad(weigh(*operation(x, y)[:2]), leaf, create_graph=False)
    torch.testing.assert_close(found, torch.autograd.grad(weigh(*operation.reference(x, y)[:2]), leaf))
    assert counted.needs in ([], [(*wanted, False)])


def test_mixed_second_derivative_of_a_partly_needed_gradient(operation: Any) -> None:
    x, y = leaves()

    def mixed(f: Any) -> tuple[Tensor, ...]:
        (by_x,) = torch.autograd.grad(weigh(*f(x, y)[:2]), x, create_graph=True)
        return torch.autograd.grad(by_x.sum(), y)

    torch.testing.assert_close(mixed(operation), mixed(operation.reference))


def test_what_needs_gradients(operation: Any) -> None:
    x, y = leaves()
    assert [output.requires_grad for output in operation(x, y)] == [True, True, False]
    assert not any(output.requires_grad for output in operation(x.detach(), y.detach()))
    with torch.no_grad():
        assert not any(output.requires_grad for output in operation(x, y))
    with torch.inference_mode():
        assert operation(x, y)[0].is_inference()


def test_an_output_that_no_gradient_reaches(make_operation: Make) -> None:
    def constant(x: Tensor, y: Tensor) -> Tensor:
        return x.detach() * 2

    operation, (x, y) = make_operation(constant, lambda x, y: x * 2), leaves()
    assert torch.autograd.grad(operation(x, y).sum(), (x, y), allow_unused=True) == (None, None)


def test_a_changed_input_is_detected(operation: Any) -> None:
    x, y = leaves()
    inner = x * 1
    result = weigh(operation(inner, y)[0])
    inner.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        result.backward()


def test_a_changed_output_is_detected_where_the_adjoint_reads_it(make_operation: Make, counted: Counted) -> None:
    x, y = leaves()
    result = make_operation(products, counted.forward, adjoint=counted.adjoint)(x, y)[1]
    result.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        result.sum().backward()


@pytest.mark.parametrize("adjoint", [lambda needs, gradients, outputs, x: (2 * gradients[0],), None])
def test_an_output_may_change_where_no_adjoint_reads_it(make_operation: Make, adjoint: Any) -> None:
    def double(x: Tensor) -> Tensor:
        return 2 * x

    operation = make_operation(double, lambda x: 2 * x.detach(), adjoint=adjoint, keep_outputs=False)
    (x,) = leaves(1)
    result = operation(x)
    result.mul_(3)
    assert torch.autograd.grad(result.sum(), x)[0].tolist() == [6.0] * 4


def test_hooks_and_a_second_backward(operation: Any) -> None:
    x, y = leaves()
    seen: list[Tensor] = []
    inner = x * 1
    inner.register_hook(seen.append)
    inner.retain_grad()
    result = weigh(operation(inner, y)[0])
    result.register_hook(seen.append)
    result.backward(retain_graph=True)
    once = x.grad.clone()
    result.backward()
    torch.testing.assert_close(x.grad, 2 * once)
    torch.testing.assert_close(inner.grad, 2 * once)
    assert len(seen) == 4
    with pytest.raises(RuntimeError, match="second time"):
        result.backward()


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointing(operation: Any, reentrant: bool) -> None:
    x, y = leaves()
    found = torch.autograd.grad(weigh(operation(x, y)[0]), (x, y))
    weigh(checkpoint(operation, x, y, use_reentrant=reentrant)[0]).backward()
    torch.testing.assert_close((x.grad, y.grad), found)


def test_saved_tensors_on_the_host(operation: Any) -> None:
    x, y = leaves()
    with torch.autograd.graph.save_on_cpu():
        result = weigh(*operation(x, y)[:2])
    found = torch.autograd.grad(result, (x, y))
    torch.testing.assert_close(found, torch.autograd.grad(weigh(*operation.reference(x, y)[:2]), (x, y)))


@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
def test_anomaly_detection_and_another_thread(operation: Any) -> None:
    x, y = leaves()
    with torch.autograd.detect_anomaly(check_nan=True):
        result = weigh(*operation(x, y)[:2])
        thread = threading.Thread(target=result.backward)
        thread.start()
        thread.join()
    wanted = torch.autograd.grad(weigh(*operation.reference(x, y)[:2]), (x, y))
    torch.testing.assert_close((x.grad, y.grad), wanted)


@pytest.mark.parametrize("taped", [False, True])
def test_the_reference_runs_where_the_kernel_does_not_pay(make_operation: Make, counted: Counted, taped: bool) -> None:
    asked = []

    def pays(*arguments: Any) -> bool:
        asked.append(arguments)
        return len(arguments[1]) >= 4

    operation = make_operation(products, counted.forward, adjoint=counted.adjoint, least=(1, 2), pays=pays)
    for size, questions, forwards in ((0, 0, 0), (1, 0 if taped else 1, 0), (3, 1, 0), (4, 1, 1)):
        x, y = (torch.rand(size, requires_grad=taped) for _ in range(2))
        result = operation(x, y, power=2.0)
        torch.testing.assert_close(result, products(x, y, power=2.0))
        assert [output.requires_grad for output in result] == [taped, taped, False]
        assert asked == [(taped, x, y, 2.0)][:questions]
        assert counted.forwards == forwards
        asked.clear()


def test_gradients_are_the_forward_calls_affair(operation: Any, counted: Counted) -> None:
    """A result of the reference never meets the kernel's adjoint, nor the other way round."""
    x, y = leaves()
    with foveal.use_kernels(False):
        plain = weigh(*operation(x, y)[:2])
    plain.backward()
    assert (counted.forwards, counted.needs) == (0, [])


def test_nothing_outlives_the_result(operation: Any) -> None:
    x, y = leaves()
    inner = x * 1
    alive = weakref.ref(inner)
    gc.disable()
    try:
        weigh(*operation(inner, y)[:2]).backward()
        del inner
        assert alive() is None
    finally:
        gc.enable()


def test_autocast_in_backward(operation: Any) -> None:
    x, y = (leaf.detach().float().requires_grad_() for leaf in leaves())
    wanted = torch.autograd.grad(weigh(*operation(x, y)[:2]), (x, y))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = torch.autograd.grad(weigh(*operation(x, y)[:2]), (x, y))
    torch.testing.assert_close(found, wanted)
