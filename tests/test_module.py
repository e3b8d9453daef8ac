# SPDX-License-Identifier: Apache-2.0
import copy
import inspect
import io
import pickle
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveal._module import module
from foveal.geometry.subpix import SpatialSoftArgmax2d, spatial_soft_argmax2d


def blend(
    image: Float[Tensor, "*batch h w"],
    other: Tensor,
    weight: Tensor | float = 0.5,
    mode: str = "linear",
    *,
    clip: bool = False,
) -> Tensor:
    """Blend two images."""
    blended = image * weight + other * (1 - weight)
    return blended.clamp(0, 1) if clip else blended


class Blend(module(blend)): ...


class BlendLess(module(blend, weight=0.25)):
    """Blend with a quarter."""


class BlendBy(module(blend, inputs=("image", "weight"))): ...


class BlendHeavily(module(blend, names={"weight": "heaviness"}, keywords=("mode",))): ...


def optional(input: Tensor, weights: Tensor | None = None, size: int = 3) -> Tensor:
    return input * size if weights is None else input * weights


class Optional(module(optional, inputs=("input", "weights"))): ...


IMAGE, OTHER = torch.full((2, 2), 2.0), torch.zeros(2, 2)


def test_options_are_given_once_and_tensors_at_each_call() -> None:
    assert Blend()(IMAGE, OTHER).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert Blend(0.25)(IMAGE, other=OTHER).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert Blend(clip=True, weight=1.0)(other=OTHER, image=IMAGE).tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_names_of_options_may_differ_from_the_functions() -> None:
    layer = BlendHeavily(0.25, mode="cubic")
    assert layer(IMAGE, OTHER).max() == 0.5
    assert repr(layer) == "BlendHeavily(heaviness=0.25, mode='cubic', clip=False)"
    assert eval(repr(pickle.loads(pickle.dumps(layer)))).heaviness == 0.25
    with pytest.raises(TypeError, match="too many positional arguments"):
        BlendHeavily(0.25, "cubic")


def test_defaults_may_differ_from_the_functions() -> None:
    assert BlendLess()(IMAGE, OTHER).max() == 0.5
    assert repr(BlendLess()) == "BlendLess(weight=0.25, mode='linear', clip=False)"


def test_inputs_may_be_chosen() -> None:
    assert list(inspect.signature(BlendBy).parameters) == ["other", "mode", "clip"]
    assert BlendBy(OTHER)(IMAGE, 1.0).max() == 2
    assert Optional(size=2)(IMAGE).max() == 4
    assert Optional(size=2)(IMAGE, IMAGE).max() == 4
    assert Optional(size=2)(IMAGE, weights=OTHER).max() == 0


def test_signature_and_documentation_come_from_the_function() -> None:
    assert (
        str(inspect.signature(Blend))
        == "(weight: torch.Tensor | float = 0.5, mode: str = 'linear', *, clip: bool = False)"
    )
    assert Blend.__doc__ == "Module form of `blend`.\n\nBlend two images."
    assert BlendLess.__doc__ == "Blend with a quarter."


def test_repr_makes_the_module_again() -> None:
    layer = Blend(0.75, clip=True)
    assert repr(layer) == "Blend(weight=0.75, mode='linear', clip=True)"
    assert repr(eval(repr(layer))) == repr(layer)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Blend(unheard_of=1), r"Blend\(weight.*: got an unexpected keyword argument 'unheard_of'"),
        (lambda: Blend(0.5, "linear", True), r"Blend\(weight.*: too many positional arguments"),
        (lambda: Blend(0.5, weight=0.5), r"Blend\(weight.*: multiple values for argument 'weight'"),
        (lambda: BlendBy(), r"BlendBy\(other.*: missing a required argument: 'other'"),
        (lambda: Blend()(IMAGE), "missing 1 required positional argument: 'other'"),
        (lambda: Blend()(IMAGE, OTHER, 0.5), "Blend takes image, other, got 3 inputs"),
        (lambda: Blend()(IMAGE, OTHER, weight=0.5), "multiple values for keyword argument 'weight'"),
        (lambda: Blend()(IMAGE, image=IMAGE, other=OTHER), "multiple values for keyword argument 'image'"),
    ],
)
def test_wrong_calls_say_what_was_wrong(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_wrong_derivations_are_refused() -> None:
    with pytest.raises(TypeError, match="blend has no parameter wight"):
        module(blend, wight=1.0)
    with pytest.raises(TypeError, match="blend has no parameter picture"):
        module(blend, inputs=("picture",))
    with pytest.raises(TypeError, match="blend has no parameter wight"):
        module(blend, names={"wight": "heaviness"})
    with pytest.raises(TypeError, match="blend has no parameter wight"):
        module(blend, keywords=("wight",))
    with pytest.raises(TypeError, match="type, training: an option would hide"):
        module(lambda input, type=0, training=True: input, inputs=("input",))


def test_a_tensor_option_is_a_buffer_that_no_checkpoint_holds() -> None:
    weight = torch.tensor(0.25)
    layer = nn.Sequential(Optional(), BlendBy(weight))
    assert dict(layer.named_buffers()) == {"1.other": weight}
    assert not layer.state_dict()
    assert layer.double()[1].other.dtype == torch.float64


def test_a_parameter_stays_one() -> None:
    layer = SpatialSoftArgmax2d(nn.Parameter(torch.tensor(0.5)))
    assert [name for name, _ in layer.named_parameters()] == ["temperature"]
    layer(torch.randn(1, 2, 5, 5)).sum().backward()
    assert layer.temperature.grad.isfinite()


@pytest.mark.parametrize("temperature", [None, 0.5, torch.tensor(0.5), nn.Parameter(torch.tensor(0.5))], ids=repr)
def test_copies_compute_the_same(temperature: Any) -> None:
    layer = SpatialSoftArgmax2d(temperature, normalized_coordinates=False)
    maps = torch.randn(2, 3, 6, 7)
    saved = io.BytesIO()
    torch.save(layer, saved)
    saved.seek(0)
    twins = (
        copy.copy(layer),
        copy.deepcopy(layer),
        pickle.loads(pickle.dumps(layer)),
        torch.load(saved, weights_only=False),
    )
    for twin in twins:
        assert repr(twin) == repr(layer)
        assert torch.equal(twin(maps), spatial_soft_argmax2d(maps, temperature, False))


def test_an_option_may_be_changed() -> None:
    layer = SpatialSoftArgmax2d(normalized_coordinates=False)
    maps = torch.randn(2, 3, 6, 7)
    layer.temperature = 0.25
    assert torch.equal(layer(maps), spatial_soft_argmax2d(maps, 0.25, False))
    assert repr(layer) == "SpatialSoftArgmax2d(temperature=0.25, normalized_coordinates=False)"
