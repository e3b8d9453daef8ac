# SPDX-License-Identifier: Apache-2.0
import inspect
import pickle
import subprocess
import sys
import threading
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import foveal.kernels.cpu
from foveal._op import _Parameters, _positional, find_kernel, op
from foveal.geometry.subpix import spatial_expectation2d, spatial_soft_argmax2d

Make = Callable[..., Any]


def reference(input: Tensor, scale: float = 1.0, *, offset: float = 0.0) -> str:
    return "reference"


def forward(input: Tensor, scale: float, offset: float) -> str:
    return "kernel"


@pytest.fixture
def operation(make_operation: Make) -> Any:
    return make_operation(reference, forward)


def test_a_plain_call_runs_the_kernel(operation: Any) -> None:
    assert operation(torch.zeros(1)) == "kernel"
    assert operation(torch.zeros(1), 2.0, offset=1.0) == "kernel"
    assert operation(offset=1.0, input=torch.zeros(1)) == "kernel"
    with torch.no_grad():
        assert operation(nn.Parameter(torch.zeros(1))) == "kernel"


def test_the_kernel_is_given_every_argument_in_order(make_operation: Make) -> None:
    operation = make_operation(reference, lambda *arguments: arguments[1:])
    assert operation(torch.zeros(1)) == (1.0, 0.0)
    assert operation(torch.zeros(1), offset=3.0) == (1.0, 3.0)
    assert operation(torch.zeros(1), offset=3.0, scale=2.0) == (2.0, 3.0)


def test_accepts_decides(make_operation: Make) -> None:
    operation = make_operation(reference, forward, accepts=lambda input, scale, offset: scale > 1)
    assert operation(torch.zeros(1), 2.0) == "kernel"
    assert operation(torch.zeros(1), 1.0) == "reference"


def test_an_operation_without_a_kernel_runs_its_reference(make_operation: Make) -> None:
    assert make_operation(reference)(torch.zeros(1)) == "reference"
    assert find_kernel(spatial_soft_argmax2d.reference, "no_such_device") is None


def test_a_function_outside_of_foveal_has_no_kernel() -> None:
    def elsewhere(input: Tensor) -> str:
        return "reference"

    assert op(elsewhere)(torch.zeros(1)) == "reference"


def test_a_kernel_that_fails_fails_loudly(make_operation: Make) -> None:
    def failing(input: Tensor, scale: float, offset: float) -> str:
        raise RuntimeError("kernel is broken")

    with pytest.raises(RuntimeError, match="kernel is broken"):
        make_operation(reference, failing)(torch.zeros(1))


def test_a_kernel_whose_file_cannot_be_imported_fails_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.py").write_text("import no_such_dependency\n")
    monkeypatch.setattr(foveal.kernels.cpu, "__path__", [*foveal.kernels.cpu.__path__, str(tmp_path)])

    def broken(input: Tensor) -> str:
        return "reference"

    broken.__module__ = "foveal.broken"
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        op(broken)(torch.zeros(1))


class Subclass(Tensor):
    pass


@pytest.mark.parametrize(
    "other",
    [
        torch.zeros(1).as_subclass(Subclass),
        torch.zeros(1, device="meta"),
        [torch.zeros(1)],
        (torch.zeros(1),),
    ],
    ids=["subclass", "meta", "list", "tuple"],
)
@pytest.mark.parametrize("name", ["input", "scale", "offset"])
def test_what_is_no_plain_tensor_runs_the_reference(operation: Any, name: str, other: Any) -> None:
    assert operation(**{"input": torch.zeros(1), name: other}) == "reference"


def test_the_reference_raises_for_a_bad_call(operation: Any) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'input'"):
        operation()
    with pytest.raises(TypeError, match="takes from 1 to 2 positional arguments but 3 were given"):
        operation(torch.zeros(1), 1.0, 2.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'unknown'"):
        operation(torch.zeros(1), unknown=1)
    with pytest.raises(TypeError, match="multiple values for argument 'input'"):
        operation(torch.zeros(1), input=torch.zeros(1))


def _required(a: Any, b: Any = 1, c: Any = 2, *, d: Any = 3, e: Any = 4) -> tuple[Any, ...]:
    return a, b, c, d, e


def _named(a: Any, b: Any, *, c: Any, d: Any = 3) -> tuple[Any, ...]:
    return a, b, c, d


def _free(a: Any = 0, b: Any = None, c: Any = 2) -> tuple[Any, ...]:
    return a, b, c


@given(
    st.sampled_from([_required, _named, _free]),
    st.lists(st.integers() | st.none(), max_size=6),
    st.dictionaries(st.sampled_from("abcdef"), st.integers() | st.none()),
)
def test_every_mix_of_arguments_is_laid_out_as_python_does(
    function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
) -> None:
    try:
        expected = function(*args, **kwargs)
    except TypeError:
        expected = None
    assert _positional(_Parameters.of(function), tuple(args), kwargs) == expected


def test_signature_name_and_documentation_are_the_references() -> None:
    assert inspect.signature(spatial_expectation2d) == inspect.signature(spatial_expectation2d.reference)
    assert spatial_expectation2d.__name__ == "spatial_expectation2d"
    assert spatial_expectation2d.__doc__ == spatial_expectation2d.reference.__doc__


def test_an_operation_pickles_by_its_name() -> None:
    assert pickle.loads(pickle.dumps(spatial_soft_argmax2d)) is spatial_soft_argmax2d


class TestUseKernels:
    def test_off_and_on_nest(self, operation: Any) -> None:
        with foveal.use_kernels(False):
            assert operation(torch.zeros(1)) == "reference"
            with foveal.use_kernels(True):
                assert operation(torch.zeros(1)) == "kernel"
            assert operation(torch.zeros(1)) == "reference"
        assert operation(torch.zeros(1)) == "kernel"

    def test_an_exception_restores_the_setting(self, operation: Any) -> None:
        with pytest.raises(KeyError), foveal.use_kernels(False):
            raise KeyError
        assert operation(torch.zeros(1)) == "kernel"

    def test_another_thread_keeps_its_own_setting(self, operation: Any) -> None:
        results = []
        with foveal.use_kernels(False):
            thread = threading.Thread(target=lambda: results.append(operation(torch.zeros(1))))
            thread.start()
            thread.join()
            assert operation(torch.zeros(1)) == "reference"
        assert results == ["kernel"]

    @pytest.mark.parametrize(("value", "numba"), [("off", False), ("0", False), ("on", True), (None, True)])
    def test_the_environment_sets_it_for_the_process(
        self, value: str | None, numba: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("FOVEAL_KERNELS", raising=False)
        if value is not None:
            monkeypatch.setenv("FOVEAL_KERNELS", value)
        script = """
            import sys, torch
            from foveal.geometry.subpix import spatial_soft_argmax2d
            print(spatial_soft_argmax2d(torch.zeros(1, 1, 3, 3), normalized_coordinates=False), "numba" in sys.modules)
        """
        printed = subprocess.check_output([sys.executable, "-c", inspect.cleandoc(script)], text=True)
        assert printed == f"tensor([[[1., 1.]]]) {numba}\n"


def test_kernels_are_off_where_numba_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert find_kernel(spatial_soft_argmax2d.reference, "cpu") is None


def _microseconds(call: Callable[[], Any]) -> float:
    # The least of many repeats: whatever else the machine does can only add to it.
    return 1e6 * min(timeit.repeat(call, number=500, repeat=200)) / 500


def test_the_way_to_a_kernel_costs_under_3_microseconds(make_operation: Make) -> None:
    operation, bare = make_operation(reference, forward), make_operation(lambda input, scale=1.0: "reference")
    input = torch.zeros(1)
    kernel = _microseconds(lambda: forward(input, 2.0, 1.0))
    assert _microseconds(lambda: operation(input, 2.0, offset=1.0)) - kernel < 3
    assert _microseconds(lambda: operation(input)) - kernel < 3
    assert _microseconds(lambda: bare(input, 2.0)) - _microseconds(lambda: bare.reference(input, 2.0)) < 3
