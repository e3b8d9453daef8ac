# SPDX-License-Identifier: Apache-2.0
"""Bilateral blur: means over neighbours that are near in place and in colour."""

from typing import Any

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._border import pad
from foveal._check import check_option, check_positive, check_shape
from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_border, check_images, encode, pair, widen

DISTANCES = ("l1", "l2")


@op
def bilateral_blur(
    input: Real[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | list[int] | int,
    sigma_color: float | Float[Tensor, " images"],
    sigma_space: tuple[float, float] | list[float] | Float[Tensor, "images 2"],
    border_type: str = "reflect",
    color_distance_type: str = "l1",
) -> Real[Tensor, "batch channels height width"]:
    """Blur images and keep their edges: the weight of a neighbour falls with its distance in place and in colour.

    Args:
        input: images, (B, C, H, W); bytes give bytes, other integers float32.
        kernel_size: rows and columns of the window in pixels, odd; one number for both.
        sigma_color: standard deviation over the distance of colours, in units of `input`; a number, or a tensor (1,)
            or (B,).
        sigma_space: standard deviations (down, along) in pixels; two numbers, or a tensor (1, 2) or (B, 2).
        border_type: what lies outside the image: "constant" (zeros), "reflect" (without the outermost pixel),
            "replicate" or "circular".
        color_distance_type: distance of colours: "l1", the sum over channels of |difference|, or "l2", Euclidean.

    Returns:
        Images, (B, C, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers, or another argument is of a wrong type.
        ValueError: a wrong shape, a window with an even side, a number that is not positive, or an unknown option.

    Convention: OpenCV's window is a disk in this rectangle, and its distance of colours "l1".

    >>> image = torch.tensor([[[[0.0, 0.2, 0.1, 5.0, 5.1, 5.0]]]])
    >>> [f"{value:.2f}" for value in bilateral_blur(image, (1, 3), 0.5, (1.0, 1.0)).flatten()]
    ['0.11', '0.12', '0.14', '5.04', '5.05', '5.05']

    Source: Tomasi and Manduchi 1998, "Bilateral filtering for gray and color images".
    """
    check_images(input, "input")
    return joint_bilateral_blur.reference(
        input, input, kernel_size, sigma_color, sigma_space, border_type, color_distance_type
    )


@op
def joint_bilateral_blur(
    input: Real[Tensor, "batch channels height width"],
    guidance: Real[Tensor, "batch guides height width"],
    kernel_size: tuple[int, int] | list[int] | int,
    sigma_color: float | Float[Tensor, " images"],
    sigma_space: tuple[float, float] | list[float] | Float[Tensor, "images 2"],
    border_type: str = "reflect",
    color_distance_type: str = "l1",
) -> Real[Tensor, "batch channels height width"]:
    """Blur images and keep the edges of other images: `bilateral_blur` with colours taken from a guidance.

    Args:
        input: images, (B, C, H, W); bytes give bytes, other integers float32.
        guidance: images that lend their colours, (B, G, H, W).
        kernel_size: as in `bilateral_blur`, and so are the arguments after it.
        sigma_color: standard deviation over the distance of colours, in units of `guidance`.
        sigma_space: standard deviations (down, along) in pixels.
        border_type: "constant", "reflect", "replicate" or "circular".
        color_distance_type: "l1" or "l2".

    Returns:
        Images, (B, C, H, W).

    Raises:
        TypeError, ValueError: as `bilateral_blur`, or `guidance` is not of the size of `input`.

    Convention: `input` comes first, `guidance` second; `guided_blur` takes them the other way round.

    >>> guidance = torch.tensor([[[[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]]])
    >>> image = torch.tensor([[[[0.0, 3.0, 0.0, 5.0, 5.0, 5.0]]]])
    >>> [f"{value:.2f}" for value in joint_bilateral_blur(image, guidance, (1, 3), 0.1, (1.0, 99.0)).flatten()]
    ['2.00', '1.00', '1.50', '5.00', '5.00', '5.00']

    Source: Petschnigg et al. 2004, "Digital photography with flash and no-flash image pairs", section 4.1.
    """
    check_images(input, "input")
    check_guidance(guidance, input)
    rows, columns = pair(kernel_size, "kernel_size", odd=True)
    check_sigmas(sigma_color, sigma_space, len(input))
    check_border(border_type)
    check_option(color_distance_type, "color_distance_type", DISTANCES)
    image = widen(input)
    guide = guidance.to(image.dtype)
    if image.numel() == 0:
        return encode(image, input)
    color, down, along = (_broad(sigma, image) for sigma in (sigma_color, *_axes(sigma_space)))
    height, width = image.shape[-2:]
    margins = (columns // 2, columns // 2, rows // 2, rows // 2)
    images, guides = pad(image, margins, border_type), pad(guide, margins, border_type)
    # The pixel itself weighs 1, so that the total is never small, and needs no normalized Gaussian.
    total, mean = torch.ones_like(image[:, :1]), image
    for number in range(rows * columns):
        i, j = divmod(number, columns)
        if (i, j) == (rows // 2, columns // 2):
            continue
        difference = guides[..., i : i + height, j : j + width] - guide
        if color_distance_type == "l1":
            distance = difference.abs().sum(dim=1, keepdim=True).square()
        else:
            distance = difference.square().sum(dim=1, keepdim=True)
        place = ((i - rows // 2) / down).square() + ((j - columns // 2) / along).square()
        weight = (-(distance / color.square() + place) / 2).exp()
        total = total + weight
        mean = mean + weight * images[..., i : i + height, j : j + width]
    return encode(mean / total, input)


class BilateralBlur(module(bilateral_blur, inputs=("input",))): ...


class JointBilateralBlur(module(joint_bilateral_blur, inputs=("input", "guidance"))): ...


def check_guidance(guidance: Any, input: Tensor) -> None:
    """Raise unless `guidance` is images beside those of `input`, with channels of its own."""
    check_images(guidance, "guidance")
    batch, _, height, width = input.shape
    check_shape(guidance, "guidance", batch, "C", height, width)


def check_sigmas(sigma_color: Any, sigma_space: Any, images: int) -> None:
    """Raise unless these are standard deviations for so many images."""
    check_positive(sigma_color, "sigma_color")
    if isinstance(sigma_color, Tensor) and sigma_color.shape not in ((1,), (images,)):
        raise ValueError(f"sigma_color must have shape (1,) or ({images},), got {tuple(sigma_color.shape)}")
    if isinstance(sigma_space, Tensor):
        check_shape(sigma_space, "sigma_space", "B", 2)
        if len(sigma_space) not in (1, images):
            raise ValueError(f"sigma_space must have shape (1, 2) or ({images}, 2), got {tuple(sigma_space.shape)}")
        return
    if not isinstance(sigma_space, tuple | list):
        raise TypeError(f"sigma_space must be two numbers or a tensor, got {type(sigma_space).__name__}")
    if len(sigma_space) != 2:
        raise ValueError(f"sigma_space must be two numbers, got {tuple(sigma_space)}")
    for sigma in sigma_space:
        check_positive(sigma, "sigma_space")


def _axes(sigma: Any) -> Any:
    return sigma.unbind(-1) if isinstance(sigma, Tensor) else sigma


def _broad(sigma: Any, image: Tensor) -> Tensor:
    """Return a standard deviation per image as a tensor beside the images."""
    if isinstance(sigma, Tensor):
        return sigma.to(image).view(-1, 1, 1, 1)
    return torch.full((1, 1, 1, 1), sigma, dtype=image.dtype, device=image.device)
