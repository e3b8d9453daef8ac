# SPDX-License-Identifier: Apache-2.0
"""Fused kernels: `cpu` (Numba) and `cuda` (Triton), each at the path and under the name of its operation."""

from foveal.kernels._warmup import warm_up

__all__ = ["warm_up"]
