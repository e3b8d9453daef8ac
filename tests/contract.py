# SPDX-License-Identifier: Apache-2.0
"""The contract that every public operation keeps, as tests drawn from one case per operation.

A case is a subclass of `Contract` in the operation's test file. It names the operation, yields sample calls and
computes them by an independent oracle; pytest then runs every `test_contract_*` below on it.
"""

import copy
import inspect
import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
import torch
from beartype import beartype
from jaxtyping import jaxtyped
from torch import Tensor

from foveal.kernels._kernel import Kernel
from tests.samples import (
    Make,
    Sample,
    as_function_of_floats,
    as_function_of_tensors,
    call,
    default_dtype,
    outputs,
    pull_back,
    pull_back_twice,
    threads,
)

# Largest error, relative and absolute, of a result in each precision. A case may set its own only with a reason.
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}


class Contract:
    """Base of the cases. Subclasses are named `Test...` and override what is below."""

    operation: ClassVar[Callable[..., Any]]
    """The public function, as a `staticmethod`."""

    module_form: ClassVar[type[torch.nn.Module] | None] = None
    """Its module form: called with the tensors of a sample, made from its options."""

    tolerance: ClassVar[dict[torch.dtype, float]] = TOLERANCE

    differentiable: ClassVar[bool] = True
    """Whether gradients flow, and are smooth at the samples (gradcheck)."""

    twice_differentiable: ClassVar[bool] = True

    fixed_shape: ClassVar[bool] = True
    """Whether output shapes follow from input shapes: such operations compile, export and vmap."""

    half: ClassVar[bool] = True
    """Whether samples keep their meaning in float16 and bfloat16."""

    widened: ClassVar[tuple[int, ...]] = ()
    """Places of the outputs that are float32 for float16 and bfloat16 inputs (coordinates of pixels)."""

    def samples(self, make: Make) -> Iterator[Sample]:
        """Yield calls over options and odd sizes, the first one typical; each small enough for gradcheck."""
        raise TypeError(f"{type(self).__name__} has no samples")

    def large(self, make: Make) -> Iterator[Sample]:
        """Yield calls of a size that takes the kernel's vector loops and both threads."""
        return iter(())

    def special(self, make: Make) -> Iterator[Sample]:
        """Yield calls at special points, where value and gradient must be finite."""
        return iter(())

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        """Yield bad calls with the exception and a pattern that its message holds."""
        raise TypeError(f"{type(self).__name__} has no invalid calls")

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        """Compute a sample (float64, CPU) by other means than foveal's; `NotImplemented` where the oracle cannot."""
        raise TypeError(f"{type(self).__name__} has no oracle")

    def close(self, actual: Any, expected: Any, dtype: torch.dtype, what: str) -> None:
        """Compare results under the tolerance of a dtype, NaN equal to NaN."""
        for a, e in zip(outputs(actual), outputs(expected), strict=True):
            bound = self.tolerance[dtype]
            torch.testing.assert_close(
                a.cpu(),
                torch.as_tensor(e).cpu(),
                rtol=bound,
                atol=bound,
                equal_nan=True,
                check_dtype=False,
                msg=lambda message: f"{what}: {message}",
            )

    def results(self, sample: Sample) -> tuple[Any, Any]:
        """Return outputs and gradients, none where the operation has no gradient."""
        if self.differentiable:
            return pull_back(self.operation, sample)
        return self.operation(*sample.args, **sample.kwargs), ()

    # The tests.

    def test_contract_oracle(self, device: torch.device, dtype: torch.dtype) -> None:
        compared = 0
        for sample in [*self.samples(Make(dtype, device)), *self.large(Make(dtype, device))]:
            exact = sample.map(lambda t: t.cpu().double() if t.is_floating_point() else t.cpu())
            expected = self.oracle(*exact.args, **exact.kwargs)
            if expected is NotImplemented:
                continue
            compared += 1
            self.close(self.operation(*sample.args, **sample.kwargs), expected, dtype, f"{sample.kwargs} oracle")
        assert compared, "the oracle computed no sample"

    def test_contract_signature(self, device: torch.device, dtype: torch.dtype) -> None:
        checked = jaxtyped(typechecker=beartype)(self.operation.reference)
        for sample in self.samples(Make(dtype, device)):
            checked(*sample.args, **sample.kwargs)

    @pytest.mark.parametrize("precision", [torch.float32, torch.float64], ids=str)
    def test_contract_kernel(self, device: torch.device, precision: torch.dtype, kernel: Kernel | None) -> None:
        if kernel is None:
            return
        accepted = 0
        for sample in [*self.samples(Make(precision, device)), *self.large(Make(precision, device))]:
            bound = inspect.signature(self.operation.reference).bind(*sample.args, **sample.kwargs)
            bound.apply_defaults()
            accepted += kernel.accepts(*bound.arguments.values())
            actual = self.operation(*sample.args, **sample.kwargs)
            expected = self.operation.reference(*sample.args, **sample.kwargs)
            assert [a.dtype for a in outputs(actual)] == [e.dtype for e in outputs(expected)]
            self.close(actual, expected, precision, f"{sample.kwargs} forward")
            graded, found = pull_back(self.operation, sample)
            expected, wanted = pull_back(self.operation.reference, sample)
            assert [a.requires_grad for a in graded] == [e.requires_grad for e in expected], f"{sample} tape"
            if self.differentiable:
                self.close(found, wanted, precision, f"{sample.kwargs} gradients")
        assert accepted or precision is torch.float64, "the kernel accepted no sample"

    def test_contract_kernel_gradients_apart(self, device: torch.device, kernel: Kernel | None) -> None:
        """Only some gradients wanted, and a second order through the kernel."""
        if kernel is None or not self.differentiable:
            return
        for sample in self.samples(Make(torch.float32, device)):
            for place in range(len(sample.floats())):
                found, wanted = (pull_back(f, sample, only=place) for f in (self.operation, self.operation.reference))
                self.close(found[1], wanted[1], torch.float32, f"{sample.kwargs} gradient {place} alone")
            if self.twice_differentiable:
                found, wanted = (pull_back_twice(f, sample) for f in (self.operation, self.operation.reference))
                self.close(found, wanted, torch.float32, f"{sample.kwargs} second order")

    def test_contract_threads(self, device: torch.device, kernel: Kernel | None) -> None:
        """However many threads share a kernel's work, they compute the same."""
        if device.type != "cpu" or kernel is None:
            return
        for sample in self.large(Make(torch.float32, device)):
            with threads(1):
                expected, wanted = self.results(sample)
            with threads(5):
                actual, found = self.results(sample)
            self.close(actual, expected, torch.float32, f"{sample.kwargs} on 5 threads")
            self.close(found, wanted, torch.float32, f"{sample.kwargs} gradients on 5 threads")

    def test_contract_defaults(self, device: torch.device) -> None:
        """The user's default dtype and device change nothing."""
        for sample in self.samples(Make(torch.float32, device)):
            for function in (self.operation, self.operation.reference):
                expected = outputs(function(*sample.args, **sample.kwargs))
                with torch.device("meta"), default_dtype(torch.float64):
                    actual = outputs(function(*sample.args, **sample.kwargs))
                for a, e in zip(actual, expected, strict=True):
                    assert (a.device, a.dtype) == (e.device, e.dtype), "name dtype and device of every new tensor"
                self.close(actual, expected, torch.float32, f"{sample.kwargs} under other defaults")

    def test_contract_layouts(self, device: torch.device, dtype: torch.dtype) -> None:
        for sample in self.samples(Make(dtype, device)):
            expected = self.operation(*sample.args, **sample.kwargs)
            strided = sample.map(lambda t: torch.stack([t, t], dim=-1)[..., 0])
            self.close(self.operation(*strided.args, **strided.kwargs), expected, dtype, "non-contiguous")
            channels_last = sample.map(lambda t: t.contiguous(memory_format=torch.channels_last) if t.ndim == 4 else t)
            self.close(self.operation(*channels_last.args, **channels_last.kwargs), expected, dtype, "channels-last")

    def test_contract_inputs_untouched(self, device: torch.device, dtype: torch.dtype) -> None:
        for sample in self.samples(Make(dtype, device)):
            before = [tensor.clone() for tensor in sample.tensors()]
            self.operation(*sample.args, **sample.kwargs)
            for tensor, copied in zip(sample.tensors(), before, strict=True):
                torch.testing.assert_close(tensor, copied, rtol=0, atol=0, equal_nan=True)

    @pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16], ids=str)
    def test_contract_half(self, device: torch.device, precision: torch.dtype) -> None:
        if not self.half:
            return
        for sample in self.samples(Make(precision, device)):
            result = outputs(self.operation(*sample.args, **sample.kwargs))
            wide = sample.map(lambda t: t.float() if t.is_floating_point() else t)
            expected = outputs(self.operation(*wide.args, **wide.kwargs))
            for place, (a, e) in enumerate(zip(result, expected, strict=True)):
                assert a.dtype == (precision if e.is_floating_point() and place not in self.widened else e.dtype)
            self.close([r.float() for r in result], [e.float() for e in expected], precision, f"{sample.kwargs}")
            if self.differentiable:
                for gradient in pull_back(self.operation, sample)[1]:
                    assert gradient.isfinite().all(), f"gradient of {sample.kwargs}"

    def test_contract_gradcheck(self, device: torch.device) -> None:
        if not self.differentiable:
            return
        checked = 0
        for sample in self.samples(Make(torch.float64, device)):
            if sum(t.numel() for t in sample.floats()) > 400:
                continue
            checked += 1
            leaves = sample.with_gradients()
            function, arguments = as_function_of_floats(self.operation, leaves)
            torch.autograd.gradcheck(function, arguments, fast_mode=True)
            if self.twice_differentiable:
                torch.autograd.gradgradcheck(function, arguments, fast_mode=True)
        assert checked, "every sample is too large for gradcheck"

    def test_contract_special(self, device: torch.device) -> None:
        for precision in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
            if not self.half and precision.itemsize == 2:
                continue
            for sample in self.special(Make(precision, device)):
                result, gradients = self.results(sample)
                for tensor in (*outputs(result), *gradients):
                    assert tensor.isfinite().all(), f"{precision} {sample}"

    def test_contract_invalid(self, device: torch.device, dtype: torch.dtype) -> None:
        tried = 0
        for exception, pattern, sample in self.invalid(Make(dtype, device)):
            tried += 1
            with pytest.raises(exception, match=pattern):
                self.operation(*sample.args, **sample.kwargs)
        assert tried, "no invalid call was tried"

    def test_contract_compile(self, device: torch.device, dtype: torch.dtype) -> None:
        if not self.fixed_shape:
            return
        sample = next(self.samples(Make(dtype, device)))
        torch.compiler.reset()
        compiled = torch.compile(self.operation, fullgraph=True, backend="aot_eager")
        if self.differentiable:
            found, gradients = pull_back(compiled, sample)
            expected, wanted = pull_back(self.operation, sample)
            self.close(gradients, wanted, dtype, "compiled gradients")
        else:
            found = compiled(*sample.args, **sample.kwargs)
            expected = self.operation(*sample.args, **sample.kwargs)
        self.close(found, expected, dtype, "compiled")

    def test_contract_export(self, device: torch.device, dtype: torch.dtype) -> None:
        if not self.fixed_shape:
            return
        sample = next(self.samples(Make(dtype, device)))
        function, tensors = as_function_of_tensors(self.operation, sample)

        class Exported(torch.nn.Module):
            def forward(self, *tensors: Tensor) -> Any:
                return function(*tensors)

        program = torch.export.export(Exported(), tuple(tensors))
        self.close(program.module()(*tensors), function(*tensors), dtype, "exported")

    def test_contract_vmap(self, device: torch.device, dtype: torch.dtype) -> None:
        if not self.fixed_shape:
            return
        for sample in self.samples(Make(dtype, device)):
            function, tensors = as_function_of_tensors(self.operation, sample)
            others = [t + t.roll(1, -1) if t.is_floating_point() and t.ndim else t for t in tensors]
            found = torch.func.vmap(function)(*(torch.stack(pair) for pair in zip(tensors, others, strict=True)))
            for index, single in enumerate((tensors, others)):
                expected = outputs(function(*single))
                self.close([f[index] for f in outputs(found)], expected, dtype, f"vmap {sample.kwargs}")

    def test_contract_module(self, device: torch.device, dtype: torch.dtype) -> None:
        if self.module_form is None:
            return
        form = self.module_form
        for sample in self.samples(Make(dtype, device)):
            bound = inspect.signature(self.operation.reference).bind(*sample.args, **sample.kwargs)
            inputs = {name: bound.arguments.pop(name) for name in form._inputs if name in bound.arguments}
            names = {parameter: option for option, parameter in form._parameters_of.items()}
            options = {names[parameter]: value for parameter, value in bound.arguments.items()}
            layer = form(**options)
            expected = self.operation(*sample.args, **sample.kwargs)
            for twin in (layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
                self.close(twin(*inputs.values()), expected, dtype, "module")
            if not any(isinstance(value, Tensor) for value in bound.arguments.values()):
                again = eval(repr(layer), {**vars(sys.modules[form.__module__]), "torch": torch})
                assert repr(again) == repr(layer)
            assert not layer.state_dict()
        with pytest.raises(TypeError, match="unheard_of"):
            form(**options, unheard_of=1)


__all__ = ["TOLERANCE", "Contract", "Make", "Sample", "call", "outputs", "pull_back"]
