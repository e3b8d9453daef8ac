# SPDX-License-Identifier: Apache-2.0
"""What PyTorch does to functions, done to operations that have a kernel."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd import forward_ad
from torch.fx.experimental.proxy_tensor import make_fx

import foveal
from foveal._module import module
from foveal.geometry.subpix import SpatialSoftArgmax2d, spatial_soft_argmax2d
from foveal.geometry.transform import crop_resample
from foveal.peaks import find_global_peaks
from tests.samples import Make, Sample, call, pull_back

Operation = Callable[..., Any]
MAPS = torch.randn(2, 3, 7, 9, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def no_compiled_code() -> Iterator[None]:
    torch.compiler.reset()
    yield
    torch.compiler.reset()


def points(*options: Any) -> Tensor:
    return spatial_soft_argmax2d.reference(MAPS, *options)


INDUCTOR = {
    "soft argmax": (spatial_soft_argmax2d, [MAPS, 0.5], {}),
    "peaks": (find_global_peaks, [MAPS.sigmoid(), 0.2, "log_quadratic"], {}),
    "crops": (crop_resample, [MAPS, torch.tensor([[1.0, 2.0, 6.5, 5.0]] * 2), (4, 3)], {"normalized": False}),
}


@pytest.mark.parametrize("name", INDUCTOR)
def test_inductor(name: str) -> None:
    function, args, kwargs = INDUCTOR[name]
    sample = Sample(tuple(args), kwargs)
    found = pull_back(torch.compile(function, fullgraph=True), sample)
    torch.testing.assert_close(found, pull_back(function, sample))


CALLS = {
    "temperatures": [{"temperature": t} for t in (None, 1.0, 0.5, 0.25, 2, torch.tensor(0.5))],
    "flags": [{"normalized_coordinates": flag} for flag in (True, False)],
    "shapes": [{"input": torch.ones(shape)} for shape in ((1, 1, 5, 5), (3, 2, 8, 4), (1, 4, 1, 6), (5, 1, 16, 16))],
}


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS)
def test_a_compiled_operation_bears_other_arguments(calls: list[dict[str, Any]]) -> None:
    compiled = torch.compile(spatial_soft_argmax2d, fullgraph=True, backend="aot_eager")
    for options in calls:
        arguments = {"input": MAPS, **options}
        torch.testing.assert_close(compiled(**arguments), spatial_soft_argmax2d(**arguments))


def test_operations_and_modules_do_not_use_up_each_others_recompilations(make_operation: Operation) -> None:
    def made(number: int) -> Any:
        def scaled(input: Tensor) -> Tensor:
            return input * number

        return make_operation(scaled)

    with torch._dynamo.config.patch(recompile_limit=2):
        for number in range(5):
            operation = made(number)
            layer = type("Layer", (module(operation),), {})()
            for callable in (operation, layer):
                compiled = torch.compile(callable, fullgraph=True, backend="eager")
                assert compiled(torch.ones(1)).item() == number


def test_a_number_that_changes_at_every_call_does_not_exhaust_recompilation() -> None:
    compiled = torch.compile(spatial_soft_argmax2d, fullgraph=True, backend="aot_eager")
    with torch._dynamo.config.patch(recompile_limit=3, fail_on_recompile_limit_hit=True):
        for step in range(1, 12):
            torch.testing.assert_close(compiled(MAPS, step / 7), points(step / 7))


def test_dynamic_shapes_compile_once() -> None:
    graphs = torch._dynamo.testing.CompileCounter()
    compiled = torch.compile(spatial_soft_argmax2d, fullgraph=True, dynamic=True, backend=graphs)
    for side in (5, 6, 7, 8):
        maps = torch.randn(2, 3, side, side + 3)
        torch.testing.assert_close(compiled(maps), spatial_soft_argmax2d(maps))
    assert graphs.frame_count == 1


@pytest.mark.parametrize("temperature", [None, 0.5, torch.tensor(0.5), nn.Parameter(torch.tensor(0.5))], ids=repr)
def test_a_compiled_module_form(temperature: Any) -> None:
    layer = nn.Sequential(nn.Conv2d(3, 2, 1), SpatialSoftArgmax2d(temperature, normalized_coordinates=False))
    wanted = layer(MAPS)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(MAPS), wanted)
    compiled(MAPS).sum().backward()
    assert layer[0].weight.grad.isfinite().all()


def test_a_compiled_module_form_follows_a_changed_option() -> None:
    layer = SpatialSoftArgmax2d(1.0)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for temperature in (1.0, 0.5, 0.25):
        layer.temperature = temperature
        torch.testing.assert_close(compiled(MAPS), points(temperature))


def test_export_with_a_dynamic_batch() -> None:
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(SpatialSoftArgmax2d(0.5), (MAPS,), dynamic_shapes=(({0: batch},),))
    more = torch.randn(5, 3, 7, 9)
    torch.testing.assert_close(program.module()(more), spatial_soft_argmax2d(more, 0.5))


@pytest.mark.parametrize("strict", [False, True])
def test_export(strict: bool) -> None:
    program = torch.export.export(SpatialSoftArgmax2d(torch.tensor(0.5)), (MAPS,), strict=strict)
    torch.testing.assert_close(program.module()(MAPS), points(0.5))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_jit_trace() -> None:
    traced = torch.jit.trace(lambda maps: spatial_soft_argmax2d(maps, 0.5), MAPS)
    others = torch.randn_like(MAPS)
    torch.testing.assert_close(traced(others), spatial_soft_argmax2d(others, 0.5))


@pytest.mark.parametrize("mode", ["real", "fake", "symbolic"])
def test_make_fx(mode: str) -> None:
    graph = make_fx(lambda maps: spatial_soft_argmax2d(maps, 0.5), tracing_mode=mode)(MAPS)
    others = torch.randn_like(MAPS)
    torch.testing.assert_close(graph(others), spatial_soft_argmax2d(others, 0.5))


def test_fake_and_meta_tensors() -> None:
    with FakeTensorMode() as mode:
        assert spatial_soft_argmax2d(torch.randn(2, 3, 4, 5)).shape == (2, 3, 2)
        assert spatial_soft_argmax2d(mode.from_tensor(MAPS)).shape == (2, 3, 2)
    on_meta = spatial_soft_argmax2d(MAPS.to("meta"))
    assert (on_meta.device.type, on_meta.shape) == ("meta", (2, 3, 2))


def test_vmap_over_maps_and_temperatures() -> None:
    found = torch.func.vmap(spatial_soft_argmax2d, in_dims=(None, 0))(MAPS, torch.tensor([0.5, 2.0]))
    torch.testing.assert_close(found, torch.stack([points(0.5), points(2.0)]))
    found = torch.func.vmap(lambda maps: spatial_soft_argmax2d(maps[None], 0.5)[0])(MAPS)
    torch.testing.assert_close(found, points(0.5))


def test_jvp_and_dual_numbers() -> None:
    direction = torch.randn_like(MAPS)
    value, tangent = torch.func.jvp(spatial_soft_argmax2d, (MAPS,), (direction,))
    torch.testing.assert_close(value, points())
    with forward_ad.dual_level():
        dual = forward_ad.unpack_dual(spatial_soft_argmax2d(forward_ad.make_dual(MAPS, direction)))
    torch.testing.assert_close(dual.primal, value)
    torch.testing.assert_close(dual.tangent, tangent)
    step = 1e-6
    exact = [spatial_soft_argmax2d(MAPS.double() + sign * step * direction.double()) for sign in (1, -1)]
    torch.testing.assert_close(tangent.double(), (exact[0] - exact[1]) / (2 * step), rtol=1e-4, atol=1e-5)


def test_function_gradients() -> None:
    def loss(maps: Tensor) -> Tensor:
        return spatial_soft_argmax2d(maps, 0.5).square().sum()

    leaf = MAPS.clone().requires_grad_()
    (wanted,) = torch.autograd.grad(loss(leaf), leaf)
    torch.testing.assert_close(torch.func.grad(loss)(MAPS), wanted)
    torch.testing.assert_close(torch.func.functional_call(SpatialSoftArgmax2d(0.5), {}, (MAPS,)), points(0.5))
    per_sample = torch.func.vmap(torch.func.grad(lambda maps: loss(maps[None])))(MAPS)
    torch.testing.assert_close(per_sample, wanted)


def test_functionalize() -> None:
    torch.testing.assert_close(torch.func.functionalize(spatial_soft_argmax2d)(MAPS), points())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast(dtype: torch.dtype) -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 1), SpatialSoftArgmax2d(0.5))
    wanted = network(MAPS)
    with torch.autocast("cpu", dtype=dtype):
        found = network(MAPS)
    torch.testing.assert_close(found, wanted, check_dtype=False, rtol=0.1, atol=0.1)
    found.sum().backward()
    assert network[0].weight.grad.isfinite().all()
    with torch.autocast("cpu", dtype=dtype):
        torch.testing.assert_close(spatial_soft_argmax2d(MAPS, 0.5), points(0.5))


class Logged(Tensor):
    """A subclass that counts the functions called on it."""

    calls = 0

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        Logged.calls += 1
        return super().__torch_function__(function, types, args, kwargs or {})


def test_a_tensor_subclass_sees_every_function_and_stays() -> None:
    Logged.calls = 0
    found = spatial_soft_argmax2d(MAPS.as_subclass(Logged))
    assert isinstance(found, Logged)
    assert Logged.calls > 3
    torch.testing.assert_close(found.as_subclass(Tensor), points())


def test_views_that_numpy_would_refuse() -> None:
    conjugate = torch.complex(MAPS, MAPS.flip(0)).conj()
    assert conjugate.imag.is_neg()
    torch.testing.assert_close(spatial_soft_argmax2d(conjugate.imag), spatial_soft_argmax2d(-MAPS.flip(0)))
    expanded = MAPS[:1, :1].expand(4, 2, 7, 9)
    torch.testing.assert_close(spatial_soft_argmax2d(expanded), points()[:1, :1].expand(4, 2, 2))


def test_inference_mode() -> None:
    with torch.inference_mode():
        maps = MAPS + 0
        torch.testing.assert_close(spatial_soft_argmax2d(maps), points())
    torch.testing.assert_close(spatial_soft_argmax2d(maps), points())


def test_kernels_switched_inside_a_compiled_function() -> None:
    @torch.compile(backend="aot_eager")
    def located(maps: Tensor) -> Tensor:
        with foveal.use_kernels(False):
            return spatial_soft_argmax2d(maps)

    torch.testing.assert_close(located(MAPS), points())


def test_pull_back_of_a_compiled_operation_agrees() -> None:
    sample = call(Make(torch.float32).normal(2, 3, 33, 31), temperature=0.5)
    found = pull_back(torch.compile(spatial_soft_argmax2d, backend="aot_eager"), sample)
    torch.testing.assert_close(found, pull_back(spatial_soft_argmax2d, sample))
