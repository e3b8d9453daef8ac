# SPDX-License-Identifier: Apache-2.0
"""Fused kernels: `cpu` (Numba) and `cuda` (Triton), each at the path and under the name of its operation."""
