# SPDX-License-Identifier: Apache-2.0
"""A dozen operations on one photograph: their pictures, and a race against the peers that are installed."""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from foveal import color, enhance, filters, morphology, use_kernels
from foveal.apps.stopwatch import median_seconds

Call = Callable[[Any], Any]

# Seconds for which each contender of a race is called.
SECONDS = 0.05


@dataclass(frozen=True)
class Operation:
    """One operation on images in [0, 1].

    Args:
        name: as the user types it.
        call: foveal's, of images (B, 3, H, W).
        show: turns the result for one image into a picture, (3, H, W) or (1, H, W) in [0, 1].
        opencv: the same for one image, given the module.
        kornia: the same for images (B, 3, H, W), given the module.
        opencv_takes: "colours", floats (H, W, 3); "channels", bytes (H, W), one by one; or "grey", bytes (H, W).
        differentiable: whether the image gets a gradient.
    """

    name: str
    call: Call
    show: Call
    opencv: Callable[[Any, Any], Any]
    kornia: Callable[[Any, Any], Any]
    opencv_takes: str = "colours"
    differentiable: bool = True


class Run(NamedTuple):
    """What came out of one operation.

    Args:
        operation: which one.
        picture: (3, H, W) or (1, H, W), in [0, 1].
        seconds: by contender ("foveal", "plain", "opencv", "kornia"), of a call.
        backward_seconds: by contender ("foveal", "kornia"), of a call and the gradient to the image.
    """

    operation: Operation
    picture: Tensor
    seconds: dict[str, float]
    backward_seconds: dict[str, float]


def _same(result: Tensor) -> Tensor:
    return result


def _stretch(result: Tensor) -> Tensor:
    return result / result.amax().clamp(min=torch.finfo(result.dtype).tiny)


def _hue(result: Tensor) -> Tensor:
    full = torch.ones_like(result[:1])
    return color.hsv_to_rgb(torch.cat([result[:1], full, full]))


WINDOW = torch.ones(5, 5)
ELEMENT = np.ones((5, 5), np.uint8)
SIGMA, CLIP, GRID = (3.0, 3.0), 4.0, (8, 8)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "rgb_to_hsv",
        color.rgb_to_hsv,
        _hue,
        lambda cv2, image: cv2.cvtColor(image, cv2.COLOR_RGB2HSV),
        lambda kornia, images: kornia.color.rgb_to_hsv(images),
    ),
    Operation(
        "rgb_to_lab",
        color.rgb_to_lab,
        lambda result: result[:1] / 100,
        lambda cv2, image: cv2.cvtColor(image, cv2.COLOR_RGB2Lab),
        lambda kornia, images: kornia.color.rgb_to_lab(images),
    ),
    Operation(
        "gaussian_blur2d",
        lambda images: filters.gaussian_blur2d(images, (19, 19), SIGMA),
        _same,
        lambda cv2, image: cv2.GaussianBlur(image, (19, 19), SIGMA[0]),
        lambda kornia, images: kornia.filters.gaussian_blur2d(images, (19, 19), SIGMA),
    ),
    Operation(
        "box_blur",
        lambda images: filters.box_blur(images, (9, 9)),
        _same,
        lambda cv2, image: cv2.blur(image, (9, 9)),
        lambda kornia, images: kornia.filters.box_blur(images, (9, 9)),
    ),
    Operation(
        "median_blur",
        lambda images: filters.median_blur(images, (5, 5)),
        _same,
        lambda cv2, image: cv2.medianBlur(image, 5),
        lambda kornia, images: kornia.filters.median_blur(images, (5, 5)),
    ),
    Operation(
        "bilateral_blur",
        lambda images: filters.bilateral_blur(images, (9, 9), 0.1, SIGMA),
        _same,
        lambda cv2, image: cv2.bilateralFilter(image, 9, 0.1, SIGMA[0]),
        lambda kornia, images: kornia.filters.bilateral_blur(images, (9, 9), 0.1, SIGMA),
    ),
    Operation(
        "unsharp_mask",
        lambda images: filters.unsharp_mask(images, (9, 9), (2.0, 2.0)),
        lambda result: result.clamp(0, 1),
        lambda cv2, image: cv2.addWeighted(image, 2, cv2.GaussianBlur(image, (9, 9), 2.0), -1, 0),
        lambda kornia, images: kornia.filters.unsharp_mask(images, (9, 9), (2.0, 2.0)),
    ),
    Operation(
        "sobel",
        filters.sobel,
        lambda result: _stretch(result).sqrt(),
        lambda cv2, image: cv2.magnitude(cv2.Sobel(image, -1, 1, 0), cv2.Sobel(image, -1, 0, 1)),
        lambda kornia, images: kornia.filters.sobel(images),
    ),
    Operation(
        "canny",
        lambda images: filters.canny(images)[1],
        _same,
        lambda cv2, image: cv2.Canny(cv2.GaussianBlur(image, (5, 5), 1.0), 25, 50, L2gradient=True),
        lambda kornia, images: kornia.filters.canny(images)[1],
        opencv_takes="grey",
        differentiable=False,
    ),
    Operation(
        "dilation",
        lambda images: morphology.dilation(images, WINDOW),
        _same,
        lambda cv2, image: cv2.dilate(image, ELEMENT),
        lambda kornia, images: kornia.morphology.dilation(images, WINDOW),
    ),
    Operation(
        "opening",
        lambda images: morphology.opening(images, WINDOW),
        _same,
        lambda cv2, image: cv2.morphologyEx(image, cv2.MORPH_OPEN, ELEMENT),
        lambda kornia, images: kornia.morphology.opening(images, WINDOW),
    ),
    Operation(
        "equalize_clahe",
        lambda images: enhance.equalize_clahe(images, CLIP, GRID),
        _same,
        lambda cv2, image: cv2.createCLAHE(CLIP, GRID).apply(image),
        lambda kornia, images: kornia.enhance.equalize_clahe(images, CLIP, GRID),
        opencv_takes="channels",
        differentiable=False,
    ),
)


def find_peers() -> dict[str, ModuleType]:
    """Return OpenCV and Kornia by name, as far as they are installed."""
    modules = {"opencv": "cv2", "kornia": "kornia"}
    return {n: importlib.import_module(m) for n, m in modules.items() if importlib.util.find_spec(m)}


def run_operation(
    operation: Operation, photo: Tensor, peers: dict[str, ModuleType], seconds: float | None = None
) -> Run:
    """Run one operation on a photograph, and race it.

    Args:
        operation: which one.
        photo: RGB in [0, 1], (3, H, W).
        peers: of `find_peers`.
        seconds: for which each contender is called; `None` is `SECONDS`.
    """
    seconds = SECONDS if seconds is None else seconds
    images = photo[None]
    calls: dict[str, Callable[[], Any]] = {
        "foveal": lambda: operation.call(images),
        "plain": lambda: _without_kernels(operation.call, images),
    }
    backward: dict[str, Callable[[], Any]] = {"foveal": lambda: _differentiate(operation.call, images)}
    if kornia := peers.get("kornia"):
        calls["kornia"] = lambda: operation.kornia(kornia, images)
        backward["kornia"] = lambda: _differentiate(lambda image: operation.kornia(kornia, image), images)
    if cv2 := peers.get("opencv"):
        cv2.setNumThreads(torch.get_num_threads())
        rows = _as_opencv_wants(photo, operation.opencv_takes)
        calls["opencv"] = lambda: [operation.opencv(cv2, row) for row in rows]
    # The first call may compile or load a kernel.
    picture = operation.show(operation.call(images)[0]).clamp(0, 1)
    return Run(
        operation,
        picture,
        {name: _time(call, seconds) for name, call in calls.items()},
        {name: _time(call, seconds) for name, call in backward.items()} if operation.differentiable else {},
    )


def _time(call: Callable[[], Any], seconds: float) -> float:
    call()
    return median_seconds(call, seconds=seconds)


def _without_kernels(call: Call, images: Tensor) -> Any:
    with use_kernels(False):
        return call(images)


def _differentiate(call: Call, images: Tensor) -> Any:
    image = images.clone().requires_grad_()
    return torch.autograd.grad(call(image).sum(), image)


def _as_opencv_wants(photo: Tensor, kind: str) -> list[Any]:
    if kind == "colours":
        return [np.ascontiguousarray(photo.movedim(0, -1).numpy())]
    planes = color.rgb_to_grayscale(photo) if kind == "grey" else photo
    return [np.ascontiguousarray(plane) for plane in (planes * 255).round().to(torch.uint8).numpy()]
