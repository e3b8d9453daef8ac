# SPDX-License-Identifier: Apache-2.0
"""Whitening by zero-phase component analysis (ZCA)."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveal._check import check_floating
from foveal._op import op


@op
def zca_mean(
    inp: Float[Tensor, "*shape"], dim: int = 0, unbiased: bool = True, eps: float = 1e-6, return_inverse: bool = False
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Fit a whitening: the mean of samples and (covariance + eps)^(-1/2).

    Args:
        inp: samples along one dimension; the others, flattened, are their D features.
        dim: dimension of the samples, of which there are N.
        unbiased: divide the covariance by N - 1; else by N.
        eps: added to the eigenvalues of the covariance.
        return_inverse: compute (covariance + eps)^(1/2), too.

    Returns:
        The symmetric transform, (D, D), the mean, (1, D), and the inverse, (D, D), or `None`; float16 and bfloat16
        samples give float32. First and second derivatives are exact and finite, equal eigenvalues included.

    Raises:
        TypeError: `inp` is not of a floating-point dtype.
        ValueError: there is no dimension `dim`, or less than two samples (one, with `unbiased=False`).

    >>> zca_mean(torch.tensor([[0.0, 1], [2, 0], [-2, 0], [0, -1]]), unbiased=False)[0].round(decimals=3)
    tensor([[0.7070, 0.0000],
            [0.0000, 1.4140]])

    Source: Bell and Sejnowski 1997, "The independent components of natural scenes are edge filters".
    """
    samples = _samples(inp, dim).to(torch.promote_types(inp.dtype, torch.float32))
    count = samples.shape[0]
    if count < 1 + unbiased:
        raise ValueError(f"inp must have at least {1 + unbiased} samples, got shape {tuple(inp.shape)}, dim={dim}")
    mean = samples.mean(dim=0, keepdim=True)
    centred = samples - mean
    covariance = centred.mT @ centred / (count - unbiased)
    values, vectors = torch.linalg.eigh(covariance.detach())
    roots = (values.clamp(min=0) + eps).sqrt()
    # Eigenvectors have no derivative where eigenvalues meet, but the root R of the matrix has. They are held fixed, and
    # `change` is 0 with the covariance's derivatives: of (R + E)^2 = R^2 + change follows R E + E R = change - E^2.
    change = covariance - covariance.detach()
    step = _solve_sum(change, vectors, roots)
    step = _solve_sum(change - step @ step, vectors, roots)
    transform = (vectors / roots) @ vectors.mT
    # (R + E)^-1 up to the second power of E.
    relative = step @ transform
    transform = transform - transform @ (relative - relative @ relative)
    return transform, mean, (vectors * roots) @ vectors.mT + step if return_inverse else None


@op
def linear_transform(
    inp: Float[Tensor, "*shape"], transform_matrix: Tensor, mean_vector: Tensor, dim: int = 0
) -> Float[Tensor, "*shape"]:
    """Subtract a mean from samples, and multiply them by a matrix.

    Args:
        inp: samples along one dimension; the others, flattened, are their D features.
        transform_matrix: matrix T, (D, D).
        mean_vector: mean, (1, D) or (D,).
        dim: dimension of the samples.

    Returns:
        (samples - mean) @ T in the shape and dtype of `inp`.

    Raises:
        TypeError: `inp` is not of a floating-point dtype.
        ValueError: there is no dimension `dim`, or matrix or mean have other sizes.

    >>> linear_transform(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.ones(2))
    tensor([[1., 0.]])
    """
    samples = _samples(inp, dim)
    features = samples.shape[1]
    if transform_matrix.shape != (features, features) or mean_vector.numel() != features:
        raise ValueError(
            f"transform_matrix and mean_vector must have shapes ({features}, {features}) and (1, {features}), "
            f"got {tuple(transform_matrix.shape)} and {tuple(mean_vector.shape)}"
        )
    wide = torch.promote_types(inp.dtype, torch.float32)
    result = (samples.to(wide) - mean_vector.to(samples.device, wide).reshape(1, -1)) @ transform_matrix.to(
        samples.device, wide
    )
    moved = inp.movedim(dim, 0).shape
    return result.to(inp.dtype).reshape(moved).movedim(0, dim)


@op
def zca_whiten(
    inp: Float[Tensor, "*shape"], dim: int = 0, unbiased: bool = True, eps: float = 1e-6
) -> Float[Tensor, "*shape"]:
    """Whiten samples: fit a ZCA to them, and apply it.

    Args:
        inp: samples along one dimension; the others, flattened, are their features.
        dim: dimension of the samples.
        unbiased: divide the covariance by the number of samples less one; else by their number.
        eps: added to the eigenvalues of the covariance.

    Returns:
        Samples of zero mean and, where there are more of them than features, unit covariance, in shape and dtype of
        `inp`.

    Raises:
        TypeError: `inp` is not of a floating-point dtype.
        ValueError: there is no dimension `dim`, or less than two samples (one, with `unbiased=False`).

    >>> zca_whiten(torch.tensor([[0.0, 1], [1, 0], [-1, 0]])).round(decimals=3)
    tensor([[ 0.0000,  1.1550],
            [ 1.0000, -0.5770],
            [-1.0000, -0.5770]])

    Source: Bell and Sejnowski 1997.
    """
    transform, mean, _ = zca_mean.reference(inp, dim, unbiased, eps)
    return linear_transform.reference(inp, transform, mean, dim)


class ZCAWhitening(nn.Module):
    """A ZCA whitening that is fitted once and then applied.

    The fitted mean and matrices are buffers of the state dict; a fitted state may be loaded into a new module.

    Args:
        dim: dimension of the samples.
        eps: added to the eigenvalues of the covariance.
        unbiased: divide the covariance by the number of samples less one; else by their number.
        detach_transforms: let no gradient flow into the samples of the fit.
        compute_inv: fit the inverse, too.

    >>> samples = torch.tensor([[0.0, 1], [1, 0], [-1, 0], [0, -1]])
    >>> ZCAWhitening(compute_inv=True).fit(samples).inverse_transform(torch.zeros(4, 2))[0]
    tensor([0., 0.])
    """

    _FITTED = ("mean_vector", "transform_matrix", "transform_inv")

    mean_vector: Tensor | None
    transform_matrix: Tensor | None
    transform_inv: Tensor | None

    def __init__(
        self,
        dim: int = 0,
        eps: float = 1e-6,
        unbiased: bool = True,
        detach_transforms: bool = True,
        compute_inv: bool = False,
    ) -> None:
        super().__init__()
        self.dim, self.eps, self.unbiased = dim, eps, unbiased
        self.detach_transforms, self.compute_inv = detach_transforms, compute_inv
        for name in self._FITTED:
            self.register_buffer(name, None)

    @property
    def fitted(self) -> bool:
        """Whether there is a transform to apply."""
        return self.transform_matrix is not None

    def fit(self, x: Tensor) -> "ZCAWhitening":
        """Fit mean and transform to samples, and return the module."""
        transform, mean, inverse = zca_mean(x, self.dim, self.unbiased, self.eps, self.compute_inv)
        for name, value in zip(self._FITTED, (mean, transform, inverse), strict=True):
            setattr(self, name, value.detach() if value is not None and self.detach_transforms else value)
        return self

    def forward(self, x: Tensor, include_fit: bool = False) -> Tensor:
        """Whiten samples; `include_fit` fits to them first."""
        if include_fit:
            self.fit(x)
        if self.transform_matrix is None or self.mean_vector is None:
            raise RuntimeError("ZCAWhitening has no transform yet: call fit, or forward with include_fit=True")
        return linear_transform(x, self.transform_matrix, self.mean_vector, self.dim)

    def inverse_transform(self, x: Tensor) -> Tensor:
        """Undo the whitening of samples."""
        if self.transform_inv is None or self.mean_vector is None:
            raise RuntimeError("ZCAWhitening has no inverse: make it with compute_inv=True, and call fit")
        unmixed = linear_transform(x, self.transform_inv, torch.zeros_like(self.mean_vector), self.dim)
        shape = [1 if axis == self.dim % x.ndim else size for axis, size in enumerate(x.shape)]
        return unmixed + self.mean_vector.to(x).reshape(shape)

    def extra_repr(self) -> str:
        """Return the options."""
        return (
            f"dim={self.dim}, eps={self.eps}, unbiased={self.unbiased}, "
            f"detach_transforms={self.detach_transforms}, compute_inv={self.compute_inv}"
        )

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        for name in self._FITTED:
            if getattr(self, name) is None and (saved := state_dict.get(prefix + name)) is not None:
                setattr(self, name, torch.empty_like(saved))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def _samples(inp: Any, dim: int) -> Tensor:
    """Return samples as rows, (N, D)."""
    check_floating(inp, "inp")
    if not -inp.ndim <= dim < inp.ndim:
        raise ValueError(f"dim must be a dimension of inp {tuple(inp.shape)}, got {dim}")
    moved = inp.movedim(dim, 0)
    return moved.reshape(moved.shape[0], math.prod(moved.shape[1:]))


def _solve_sum(matrix: Tensor, vectors: Tensor, values: Tensor) -> Tensor:
    """Return the E of R E + E R = matrix, where R has these eigenvectors and eigenvalues."""
    sums = values.unsqueeze(-1) + values.unsqueeze(-2)
    return vectors @ ((vectors.mT @ matrix @ vectors) / sums) @ vectors.mT
