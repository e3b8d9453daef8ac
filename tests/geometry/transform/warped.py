# SPDX-License-Identifier: Apache-2.0
"""The base of the cases of warps."""

from typing import Any, ClassVar

import torch

from tests.contract import TOLERANCE, Contract, outputs


class Warped(Contract):
    """A case whose errors are measured by the largest entry of each result.

    The gradient to a matrix sums thousands of terms times positions up to 75, which cancel.
    """

    # Positions between 64 and 128 are rounded to 4e-6 at every step (products, sums, quotient), and the images are
    # noise, whose slope is up to 1: in float32 reference and kernels are both up to 2.5e-5 from float64.
    tolerance: ClassVar[dict[torch.dtype, float]] = {**TOLERANCE, torch.float32: 4e-5}

    def close(self, actual: Any, expected: Any, dtype: torch.dtype, what: str) -> None:
        """Compare results under the tolerance of a dtype, NaN equal to NaN."""
        for a, e in zip(outputs(actual), outputs(expected), strict=True):
            wanted = torch.as_tensor(e).detach().cpu()
            size = max(1.0, float(wanted.abs().max())) if wanted.numel() else 1.0
            bound = self.tolerance[dtype]
            torch.testing.assert_close(
                a.cpu(),
                wanted,
                rtol=bound,
                atol=bound * size,
                equal_nan=True,
                check_dtype=False,
                msg=lambda message: f"{what}: {message}",
            )
