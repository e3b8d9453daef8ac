# SPDX-License-Identifier: Apache-2.0
"""The annotation of images that may hold floats or bytes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Annotated as Pixels
else:
    from jaxtyping import AbstractDtype

    class Pixels(AbstractDtype):
        """Annotates images of a floating-point dtype or of uint8, as jaxtyping's `Float` does those of the first."""

        dtypes = ("float16", "bfloat16", "float32", "float64", "uint8")


__all__ = ["Pixels"]
