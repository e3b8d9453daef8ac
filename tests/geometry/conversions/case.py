# SPDX-License-Identifier: Apache-2.0
"""What the cases of the conversions share."""

import inspect
import re
from collections.abc import Iterator
from typing import ClassVar

from tests.contract import Contract, Make, Sample, call


class Conversion(Contract):
    """A case whose first argument is a floating-point tensor of one shape."""

    wanted: ClassVar[str]
    """The shape of the first argument, as the message says it; empty where any shape will do."""

    options: ClassVar[tuple[object, ...]] = ()
    """The other arguments of a bad call."""

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        name = next(iter(inspect.signature(self.operation).parameters))
        yield TypeError, f"{name} must be a torch.Tensor, got list", call([1.0], *self.options)
        yield TypeError, f"{name} must have a floating-point dtype", call(make.integers(0, 2, 3, 3), *self.options)
        if self.wanted:
            pattern = re.escape(f"{name} must have shape {self.wanted}, got (7,)")
            yield ValueError, pattern, call(make.normal(7), *self.options)
