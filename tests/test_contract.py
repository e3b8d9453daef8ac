# SPDX-License-Identifier: Apache-2.0
"""The contract fails where an operation breaks it: each fault is found by its test."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating
from foveal._module import module
from foveal._op import find_kernel
from tests.contract import Contract
from tests.samples import Make, Sample, call

CPU, F32 = torch.device("cpu"), torch.float32


def cube(input: Float[Tensor, "*shape"], scale: float = 1.0) -> Float[Tensor, "*shape"]:
    """Take the third power."""
    check_floating(input, "input")
    return scale * input * input * input


def cube_kernel(input: Tensor, scale: float) -> Tensor:
    return scale * input.detach() ** 3


def cube_adjoint(needs: Any, gradients: Any, outputs: Any, input: Tensor, scale: float) -> tuple[Tensor | None, ...]:
    return gradients[0] * 3 * scale * input**2, None


class Cube(module(cube)): ...


class CubeThrice(module(cube)):
    def forward(self, input: Tensor) -> Tensor:
        return 3 * super().forward(input)


@pytest.fixture
def case(make_operation: Callable[..., Any]) -> Callable[..., Contract]:
    """Return a maker of cases of `cube`, each with one fault."""

    def make(
        reference: Any = cube,
        forward: Any = cube_kernel,
        adjoint: Any = cube_adjoint,
        accepts: Any = lambda input, _: input.is_floating_point(),
        **faults: Any,
    ) -> Contract:
        made = make_operation(reference, forward, adjoint=adjoint, accepts=accepts)

        class Case(Contract):
            operation = staticmethod(made)
            module_form = Cube

            def samples(self, make: Make) -> Iterator[Sample]:
                yield call(make.normal(2, 3), scale=2.0)
                yield call(make.normal(4), 0.5)

            def large(self, make: Make) -> Iterator[Sample]:
                yield call(make.normal(20, 30), scale=2.0)

            def special(self, make: Make) -> Iterator[Sample]:
                yield call(make.tensor([0.0]))

            def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
                yield TypeError, "input must have a floating-point dtype", call(make.integers(0, 2, 3))

            def oracle(self, input: Tensor, scale: float) -> Tensor:
                return scale * input.pow(3)

        for name, fault in faults.items():
            setattr(Case, name, fault)
        return Case()

    return make


TESTS: dict[str, tuple[Any, ...]] = {
    "test_contract_oracle": (CPU, F32),
    "test_contract_signature": (CPU, F32),
    "test_contract_kernel": (CPU, F32),
    "test_contract_kernel_gradients_apart": (CPU,),
    "test_contract_threads": (CPU,),
    "test_contract_defaults": (CPU,),
    "test_contract_layouts": (CPU, F32),
    "test_contract_inputs_untouched": (CPU, F32),
    "test_contract_half": (CPU, torch.float16),
    "test_contract_gradcheck": (CPU,),
    "test_contract_special": (CPU,),
    "test_contract_invalid": (CPU, F32),
    "test_contract_compile": (CPU, F32),
    "test_contract_export": (CPU, F32),
    "test_contract_vmap": (CPU, F32),
    "test_contract_module": (CPU, F32),
}


def run(case: Contract, name: str) -> None:
    """Run a test of the contract, with the kernel of the operation where it takes one."""
    test: Any = getattr(case, name)
    operation: Any = case.operation
    if "kernel" in inspect.signature(test).parameters:
        test(*TESTS[name], kernel=find_kernel(operation.reference, "cpu"))
    else:
        test(*TESTS[name])


def test_every_part_of_the_contract_is_named_here() -> None:
    assert {name for name in vars(Contract) if name.startswith("test_")} == set(TESTS)


@pytest.mark.parametrize("name", TESTS)
def test_a_right_operation_passes(case: Callable[..., Contract], name: str) -> None:
    run(case(), name)


def unchecked(input: Tensor, scale: float = 1.0) -> Tensor:
    return scale * input**3


def mistyped(input: Float[Tensor, "*shape"], scale: float = 1.0) -> Float[Tensor, "1 *shape"]:
    return scale * input**3


def defaulted(input: Tensor, scale: float = 1.0) -> Tensor:
    return torch.ones(()) * scale * input**3


def wide(input: Tensor, scale: float = 1.0) -> Tensor:
    return scale * input.double() ** 3


def infinite_at_zero(input: Tensor, scale: float = 1.0) -> Tensor:
    return scale * (input**2).sqrt() * input**2


def branching(input: Tensor, scale: float = 1.0) -> Tensor:
    return scale * input**3 if input.sum() > 0 else scale * input * input * input


def unbatched(input: Tensor, scale: float = 1.0) -> Tensor:
    return scale * torch.tensor(input.tolist(), dtype=input.dtype) ** 3


def not_differentiable_twice(input: Tensor, scale: float = 1.0) -> Tensor:
    return scale * (input**3 + (input.detach() ** 2 - input.detach() ** 2) * input) * (input / input.detach())


def writes(input: Tensor, scale: float) -> Tensor:
    result = cube_kernel(input, scale)
    input.detach().mul_(1.5)
    return result


def strided(input: Tensor, scale: float) -> Tensor:
    return cube_kernel(input, scale) if input.is_contiguous() else cube_kernel(input, scale).flip(0)


# The part of the contract that finds each fault, the words it finds for it, and the fault.
FAULTS = {
    "value": ("oracle", "oracle: Tensor-likes are not close", {"oracle": lambda self, x, scale: 1.001 * scale * x**3}),
    "no oracle": ("oracle", "computed no sample", {"oracle": lambda self, x, scale: NotImplemented}),
    "annotation": ("signature", "checking the return value", {"reference": mistyped}),
    "kernel": ("kernel", "forward: Tensor-likes", {"forward": lambda x, scale: 1.001 * cube_kernel(x, scale)}),
    "dtype of kernel": ("kernel", "float16", {"forward": lambda x, scale: cube_kernel(x, scale).half()}),
    "adjoint": ("kernel", "gradients: Tensor-likes", {"adjoint": lambda n, g, o, x, scale: (g[0] * x, None)}),
    "kernel never runs": ("kernel", "accepted no sample", {"accepts": lambda *_: False}),
    "one gradient": ("kernel_gradients_apart", "0 alone", {"adjoint": lambda n, g, o, x, scale: (g[0] * x, None)}),
    "threads": ("threads", "on 5 threads", {"forward": lambda x, s: cube_kernel(x, s) * torch.get_num_threads()}),
    "default of kernel": ("defaults", "meta tensor", {"forward": lambda x, s: cube_kernel(x, s) * torch.ones(1).cpu()}),
    "default of reference": ("defaults", "meta", {"reference": defaulted}),
    "strides": ("layouts", "non-contiguous", {"forward": strided}),
    "inputs written": ("inputs_untouched", "not equal", {"forward": writes}),
    "half precision": ("half", "float64", {"reference": wide, "forward": None}),
    "second order": ("gradcheck", "Jacobian mismatch", {"reference": not_differentiable_twice, "forward": None}),
    "infinite gradient": ("special", "float16", {"reference": infinite_at_zero, "forward": None}),
    "no check": ("invalid", "DID NOT RAISE", {"reference": unchecked, "forward": None}),
    "no invalid call": ("invalid", "no invalid call", {"invalid": lambda self, make: iter(())}),
    "compiled branch": ("compile", "Data-dependent branching", {"reference": branching, "forward": None}),
    "exported branch": ("export", "data-dependent", {"reference": branching, "forward": None}),
    "values read": ("vmap", "data pointer|vmap", {"reference": unbatched, "forward": None}),
    "module of its own": ("module", "module: Tensor-likes", {"module_form": CubeThrice}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(case: Callable[..., Contract], fault: str) -> None:
    part, words, change = FAULTS[fault]
    name = f"test_contract_{part}"
    with pytest.raises((AssertionError, RuntimeError, TypeError, pytest.fail.Exception), match=words):
        run(case(**change), name)
