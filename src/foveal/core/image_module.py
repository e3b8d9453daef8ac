# SPDX-License-Identifier: Apache-2.0
"""Modules that take arrays, Pillow images and files, and give what is asked for."""

import functools
import inspect
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from foveal._check import check_option
from foveal.image.array import image_to_tensor, make_grid

_OUTPUTS = ("pt", "numpy", "pil")


class ImageModuleMixIn:
    """Conversions between tensors, arrays, Pillow images and files for a module that gives one image.

    Integers are divided by the largest of their type; floats keep their values. Channels are last in arrays, first in
    tensors. What a Pillow image or a file is made of is rounded to 8 bits in [0, 1].

    >>> ImageModuleMixIn().to_tensor(np.full((1, 2), 255, np.uint8))
    tensor([[[1., 1.]]])
    """

    _output_image: Any = None

    def convert_input_output(
        self,
        input_names_to_handle: list[Any] | None = None,
        output_type: Literal["pt", "numpy", "pil"] = "pt",
        *,
        cache_output: bool = False,
    ) -> Callable[[Any], Any]:
        """Return a decorator that converts what a function takes and gives.

        Args:
            input_names_to_handle: parameters to convert; by default all arrays and Pillow images, and a path that is
                the first argument.
            output_type: "pt", "numpy" or "pil".
            cache_output: keep the result for `show` and `save`.
        """
        check_option(output_type, "output_type", _OUTPUTS)

        def decorate(function: Any) -> Any:
            @functools.wraps(function)
            def converted(*inputs: Any, **kwargs: Any) -> Any:
                if input_names_to_handle is None:
                    first = [self.to_tensor(i) if _is_image(i, path=n == 0) else i for n, i in enumerate(inputs)]
                    rest = {k: self.to_tensor(v) if _is_image(v) else v for k, v in kwargs.items()}
                else:
                    signature = getattr(self, "forward", function) if isinstance(self, nn.Module) else function
                    bound = inspect.signature(signature).bind(*inputs, **kwargs)
                    for name in input_names_to_handle:
                        if name in bound.arguments:
                            bound.arguments[name] = self._each(bound.arguments[name])
                    first, rest = bound.args, bound.kwargs
                result = function(*first, **rest)
                if cache_output and not torch.compiler.is_compiling():
                    self._output_image = result.detach() if isinstance(result, Tensor) else None
                return self._given(result, output_type)

            return converted

        return decorate

    def to_tensor(self, x: Any) -> Tensor:
        """Return a tensor as it is; an array, a Pillow image or a file as floats (C, H, W) or (B, C, H, W)."""
        if isinstance(x, Tensor):
            return x
        if isinstance(x, str | os.PathLike):
            from foveal.io.files import import_pillow

            with import_pillow().open(x) as opened:
                return self.to_tensor(opened)
        if _is_pillow(x):
            if x.mode in ("P", "PA"):
                x = x.convert("RGBA" if x.mode == "PA" or "transparency" in x.info else "RGB")
            x = np.array(x)
        if not isinstance(x, np.ndarray):
            raise TypeError(f"x must be a tensor, an array, a Pillow image or a path, got {type(x).__name__}")
        tensor = image_to_tensor(x.copy())
        if not tensor.is_floating_point():
            largest = 1 if tensor.dtype is torch.bool else torch.iinfo(tensor.dtype).max
            tensor = tensor.to(torch.get_default_dtype()) / largest
        parts = [*self.parameters(), *self.buffers()] if isinstance(self, nn.Module) else []
        floats = [part.dtype for part in parts if part.is_floating_point()]
        return tensor.to(parts[0].device, floats[0] if floats else tensor.dtype) if parts else tensor

    def to_numpy(self, x: Any) -> Any:
        """Return an array, with the channels of an image (C, H, W) or a batch of them last."""
        if not isinstance(x, Tensor):
            return np.array(x)
        values = x.detach().cpu()
        values = values.float() if values.dtype is torch.bfloat16 else values
        return (values.movedim(-3, -1) if values.ndim in (3, 4) else values).numpy()

    def to_pil(self, x: Any) -> Any:
        """Return a Pillow image, or a list of them for a batch."""
        from foveal.io.files import import_pillow

        pillow = import_pillow()
        if _is_pillow(x):
            return x
        image = x.detach().cpu() if isinstance(x, Tensor) else self.to_tensor(x)
        if image.ndim == 4:
            return [self.to_pil(member) for member in image]
        if image.ndim not in (2, 3):
            raise ValueError(f"x must have shape (H, W), (C, H, W) or (B, C, H, W), got {tuple(image.shape)}")
        if image.is_floating_point():
            image = (image.float().clamp(0, 1) * 255).round().to(torch.uint8)
        pixels = image.movedim(0, -1).contiguous().numpy() if image.ndim == 3 else image.numpy()
        return pillow.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[-1] == 1 else pixels)

    def show(self, n_row: int | None = None, backend: str = "pil", display: bool = True) -> Any | None:
        """Return the last result as a Pillow image, a batch as a grid.

        Args:
            n_row: images side by side.
            backend: "pil".
            display: open it in a viewer as well.
        """
        check_option(backend, "backend", ("pil",))
        picture = self.to_pil(self._grid(n_row))
        if display:
            picture.show()
        return picture

    def save(self, name: str | None = None, n_row: int | None = None) -> None:
        """Write the last result to an image file, a batch as a grid.

        Args:
            name: the file; by default foveal- with the time, .jpg.
            n_row: images side by side.
        """
        from foveal.io import write_image

        path = f"foveal-{time.strftime('%Y%m%d%H%M%S')}.jpg" if name is None else name
        write_image(path, image_to_tensor(np.array(self.to_pil(self._grid(n_row)))))

    def _grid(self, n_row: int | None) -> Tensor:
        image = self._output_image
        if not isinstance(image, Tensor) or image.ndim not in (3, 4):
            raise ValueError("there is no result (C, H, W) or (B, C, H, W) to show: call the module first")
        return make_grid(image, n_row) if image.ndim == 4 else image

    def _each(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return type(value)(map(self.to_tensor, value))
        return {k: self.to_tensor(v) for k, v in value.items()} if isinstance(value, dict) else self.to_tensor(value)

    def _given(self, result: Any, output_type: str) -> Any:
        if isinstance(result, tuple | list):
            return type(result)(self._given(member, output_type) for member in result)
        if not isinstance(result, Tensor) or output_type == "pt":
            return result
        return self.to_numpy(result) if output_type == "numpy" else self.to_pil(result)


class _Converting(nn.Module, ImageModuleMixIn):
    """A module whose calls convert what they take and give."""

    _disabled: bool = False

    @property
    def disable_features(self) -> bool:
        """Whether calls go straight to the module, without conversions and without keeping their result."""
        return self._disabled

    @disable_features.setter
    def disable_features(self, value: bool) -> None:
        self._disabled = value
        self._output_image = None

    def __call__(
        self,
        *inputs: Any,
        input_names_to_handle: list[Any] | None = None,
        output_type: Literal["pt", "numpy", "pil"] = "pt",
        **kwargs: Any,
    ) -> Any:
        """Call the module; see `ImageModuleMixIn.convert_input_output`."""
        call = super().__call__
        if self._disabled:
            return call(*inputs, **kwargs)
        return self.convert_input_output(input_names_to_handle, output_type, cache_output=True)(call)(*inputs, **kwargs)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_output_image"}


class ImageModule(_Converting):
    """A module of images: subclasses define `forward`, calls convert by `ImageModuleMixIn`.

    Args:
        args: of `torch.nn.Module`.
        kwargs: of `torch.nn.Module`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ImageSequential(_Converting, nn.Sequential):
    """A sequence of modules of images, whose calls convert by `ImageModuleMixIn`.

    Args:
        args: modules, or one ordered dictionary of them, as `torch.nn.Sequential` takes.
        kwargs: none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


def _is_pillow(value: Any) -> bool:
    pillow = sys.modules.get("PIL.Image")  # where it was not imported there is no image of it
    return pillow is not None and isinstance(value, pillow.Image)


def _is_image(value: Any, path: bool = False) -> bool:
    return isinstance(value, np.ndarray) or _is_pillow(value) or (path and isinstance(value, str | os.PathLike))
