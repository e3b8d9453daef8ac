# SPDX-License-Identifier: Apache-2.0
import copy
from collections.abc import Iterator
from typing import Any

import kornia.enhance
import pytest
import torch
from torch import Tensor

from foveal.enhance import ZCAWhitening, linear_transform, zca_mean, zca_whiten
from tests.contract import Contract, Make, Sample, call


class TestZcaMean(Contract):
    operation = staticmethod(zca_mean)
    # Inverse roots of covariances in which features nearly repeat; from half precision they are float32.
    tolerance = {**Contract.tolerance, torch.float32: 1e-4}
    widened = (0, 1, 2)

    def close(self, actual: Any, expected: Any, dtype: torch.dtype, what: str) -> None:
        present = [
            [t for t in (r if isinstance(r, tuple | list) else [r]) if t is not None] for r in (actual, expected)
        ]
        super().close(*present, dtype, what)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.enhance.zca_mean(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(20, 4), return_inverse=True)
        yield call(make.normal(3, 20, 2), 1, False, 1e-2, return_inverse=True)
        yield call(make.normal(2, 3, 20), -1, True, 1e-1, return_inverse=True)

    def special(self, make: Make) -> Iterator[Sample]:
        # Fewer samples than features; equal eigenvalues; no variance at all.
        yield call(make.normal(3, 5), eps=1e-2, return_inverse=True)
        yield call(make.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), return_inverse=True)
        yield call(make.tensor(torch.ones(4, 3)), return_inverse=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "inp must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "inp must have a floating-point dtype", call(make.integers(0, 2, 4, 3))
        yield ValueError, r"dim must be a dimension of inp \(4, 3\), got 2", call(make.normal(4, 3), 2)
        yield ValueError, "inp must have at least 2 samples", call(make.normal(1, 3))
        yield ValueError, "inp must have at least 1 samples", call(make.normal(0, 3), 0, False)


class TestZcaWhiten(TestZcaMean):
    operation = staticmethod(zca_whiten)
    widened = ()

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.enhance.zca_whiten(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(20, 4))
        yield call(make.normal(3, 20, 2), 1, False, 1e-2)
        yield call(make.normal(2, 3, 20), -1, True, 1e-1)

    def special(self, make: Make) -> Iterator[Sample]:
        for sample in super().special(make):
            yield call(sample.args[0], eps=1e-2)


class TestLinearTransform(Contract):
    operation = staticmethod(linear_transform)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.enhance.linear_transform(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(5, 4), make.uniform(4, 4), make.uniform(1, 4))
        yield call(make.normal(3, 5, 2), make.uniform(6, 6), make.uniform(1, 6), 1)
        yield call(make.normal(3, 2, 5), make.uniform(6, 6), make.uniform(1, 6), dim=-1)
        yield call(make.normal(0, 4), make.uniform(4, 4), make.uniform(1, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        matrix, mean = make.uniform(4, 4), make.uniform(1, 4)
        yield TypeError, "inp must be a torch.Tensor, got list", call([1.0], matrix, mean)
        yield ValueError, r"dim must be a dimension of inp \(5, 4\), got -3", call(make.normal(5, 4), matrix, mean, -3)
        yield ValueError, r"must have shapes \(5, 5\) and \(1, 5\), got", call(make.normal(4, 5), matrix, mean)


def covariance(samples: Tensor) -> Tensor:
    return samples.flatten(1).T.cov()


def test_the_covariance_of_white_samples_is_the_identity() -> None:
    samples = torch.randn(500, 2, 3, dtype=torch.float64) @ torch.randn(3, 3, dtype=torch.float64)
    white = zca_whiten(samples, eps=0.0)
    torch.testing.assert_close(covariance(white), torch.eye(6, dtype=torch.float64))
    torch.testing.assert_close(white.mean(0), torch.zeros(2, 3, dtype=torch.float64))


def test_the_transform_is_the_symmetric_inverse_root() -> None:
    samples = torch.randn(50, 6, dtype=torch.float64)
    transform, mean, inverse = zca_mean(samples, eps=1e-3, return_inverse=True)
    identity = torch.eye(6, dtype=torch.float64)
    torch.testing.assert_close(transform, transform.T)
    torch.testing.assert_close(transform @ (covariance(samples) + 1e-3 * identity) @ transform, identity)
    torch.testing.assert_close(transform @ inverse, identity)
    torch.testing.assert_close(mean, samples.mean(0, keepdim=True))


def test_gradients_are_kornias_where_eigenvalues_differ() -> None:
    samples = torch.randn(50, 6, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(50, 6, dtype=torch.float64)
    gradients = [
        torch.autograd.grad((whiten(samples) * weights).sum(), samples)[0]
        for whiten in (zca_whiten, kornia.enhance.zca_whiten)
    ]
    torch.testing.assert_close(*gradients)


def test_module_is_fitted_once() -> None:
    samples, others = torch.randn(40, 3, 2), torch.randn(7, 3, 2)
    layer = ZCAWhitening(compute_inv=True)
    for call_early in (layer, layer.inverse_transform, copy.deepcopy(layer)):
        with pytest.raises(RuntimeError, match="ZCAWhitening has no"):
            call_early(samples)
    assert layer.fit(samples) is layer
    assert layer.fitted
    expected = kornia.enhance.ZCAWhitening(compute_inv=True).fit(samples)
    torch.testing.assert_close(layer(others), expected(others), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(layer(samples), zca_whiten(samples))
    torch.testing.assert_close(layer.inverse_transform(layer(others)), others, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ZCAWhitening()(samples, include_fit=True), zca_whiten(samples))
    with pytest.raises(RuntimeError, match="compute_inv=True"):
        ZCAWhitening().fit(samples).inverse_transform(samples)


def test_samples_along_another_dimension_come_back() -> None:
    samples = torch.randn(3, 40, 2)
    for dim in (1, -2):
        layer = ZCAWhitening(dim, compute_inv=True).fit(samples)
        torch.testing.assert_close(layer.inverse_transform(layer(samples)), samples, rtol=1e-4, atol=1e-4)


def test_a_fitted_state_loads_into_a_new_module() -> None:
    samples = torch.randn(40, 3)
    fitted, new = ZCAWhitening(compute_inv=True).fit(samples), ZCAWhitening(compute_inv=True)
    assert not new.state_dict()
    new.load_state_dict(fitted.state_dict())
    assert new(samples).equal(fitted(samples))
    assert repr(new) == "ZCAWhitening(dim=0, eps=1e-06, unbiased=True, detach_transforms=True, compute_inv=True)"


def test_gradients_reach_the_fit_only_where_they_may() -> None:
    samples = torch.randn(40, 3, requires_grad=True)
    detached = ZCAWhitening()(samples, include_fit=True)
    whole = ZCAWhitening(detach_transforms=False)(samples, include_fit=True)
    assert not torch.allclose(*(torch.autograd.grad(w.pow(3).sum(), samples)[0] for w in (detached, whole)))
