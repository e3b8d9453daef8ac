# SPDX-License-Identifier: Apache-2.0
"""A CUDA kernel against its reference, on a GPU where there is one, else in Triton's interpreter on CPU tensors."""

from collections.abc import Callable
from typing import Any

import torch

from foveal.kernels._kernel import Kernel
from tests.contract import TOLERANCE
from tests.samples import outputs

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def assert_twins(kernel: Kernel, operation: Callable[..., Any], shape: tuple[int, ...], *options: Any) -> None:
    """Compare forward and gradient in every precision the kernel takes, with the reference in float32."""
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        input = torch.randn(shape, dtype=dtype, device=DEVICE)
        assert kernel.accepts(input, *options)
        narrow, wide = input.requires_grad_(), input.detach().float().requires_grad_()
        found = outputs(kernel.run(operation.reference, (narrow, *options)))
        expected = outputs(operation.reference(wide, *options))
        weights = [torch.randn_like(output).to(dtype) for output in expected]
        (gradient,) = torch.autograd.grad(found, narrow, weights)
        (wanted,) = torch.autograd.grad(expected, wide, [weight.float() for weight in weights])
        bound = TOLERANCE[dtype]
        for ours, theirs in zip((*found, gradient), (*expected, wanted), strict=True):
            assert ours.dtype is dtype
            torch.testing.assert_close(ours.float(), theirs, rtol=bound, atol=bound)
