# SPDX-License-Identifier: Apache-2.0
"""Guided blur: a linear function of a guidance in every window."""

import torch
from jaxtyping import Float, Real
from torch import Tensor
from torch.nn.functional import interpolate

from foveal._check import check_positive, check_size
from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_border, check_images, encode, pair, widen
from foveal.filters.bilateral import check_guidance
from foveal.filters.box_blur import box_blur


@op
def guided_blur(
    guidance: Real[Tensor, "batch guides height width"],
    input: Real[Tensor, "batch channels height width"],
    kernel_size: tuple[int, int] | list[int] | int,
    eps: float | Float[Tensor, "*images"],
    border_type: str = "reflect",
    subsample: int = 1,
    separable: bool = False,
) -> Real[Tensor, "batch channels height width"]:
    """Blur images and keep the edges of a guidance: in every window the result is a linear function of the guidance.

    Args:
        guidance: images whose edges are kept, (B, G, H, W).
        input: images, (B, C, H, W); bytes beside bytes give bytes, other integers float32.
        kernel_size: rows and columns of the window in pixels; one number for both.
        eps: what a variance of the guidance counts as an edge from, in its squared units; a number, or a tensor of
            one value, or (B,).
        border_type: what lies outside the image: "constant" (zeros), "reflect" (without the outermost pixel),
            "replicate" or "circular".
        subsample: fit the functions on every so many pixels only, by windows that are as many times
            smaller, rounded up.
        separable: has no effect: means over windows are always taken down, then along.

    Returns:
        Images, (B, C, H, W), in the promoted dtype of the two.

    Raises:
        TypeError: an image is no tensor of real numbers, or another argument is of a wrong type.
        ValueError: a wrong shape or size, or an unknown `border_type`.

    Convention: `guidance` comes first, `input` second; `joint_bilateral_blur` takes them the other way round.

    >>> step = torch.tensor([[[[0.0, 0.1, 0.0, 1.0, 0.9, 1.0]]]])
    >>> [f"{value:.2f}" for value in guided_blur(step, step, (1, 3), 0.01).flatten()]
    ['0.04', '0.08', '0.02', '0.98', '0.92', '0.96']

    Source: He, Sun and Tang 2010, "Guided image filtering"; He and Sun 2015, "Fast guided filter".
    """
    check_images(input, "input")
    check_guidance(guidance, input)
    rows, columns = pair(kernel_size, "kernel_size")
    check_positive(eps, "eps")
    if isinstance(eps, Tensor) and eps.shape not in ((), (1,), (len(input),)):
        raise ValueError(f"eps must have one value or ({len(input)},), got {tuple(eps.shape)}")
    check_border(border_type)
    check_size((subsample,), "subsample", 1)
    like = torch.empty(0, dtype=torch.promote_types(guidance.dtype, input.dtype), device=input.device)
    wide = widen(like).dtype
    guide, image = guidance.to(wide), input.to(wide)
    if image.numel() == 0:
        return encode(image, like)
    height, width = image.shape[-2:]
    coarse_guide, coarse = every(guide, subsample), every(image, subsample)
    sizes = -(-rows // subsample), -(-columns // subsample)

    def mean(maps: Tensor) -> Tensor:
        return box_blur(maps, sizes, border_type)

    mean_guide, mean_image = mean(coarse_guide), mean(coarse)
    guides, channels = guide.shape[1], image.shape[1]
    # Covariances of guidance channels with each other and with those of the images: (B, G, G, H, W), (B, G, C, H, W).
    pairs = coarse_guide.unsqueeze(2) * torch.cat([coarse_guide, coarse], dim=1).unsqueeze(1)
    pairs = mean(pairs.flatten(1, 2)).unflatten(1, (guides, guides + channels))
    covariance = pairs - mean_guide.unsqueeze(2) * torch.cat([mean_guide, mean_image], dim=1).unsqueeze(1)
    floor = eps.to(image).view(-1, 1, 1, 1, 1) if isinstance(eps, Tensor) else eps
    identity = torch.eye(guides, dtype=wide, device=image.device).view(guides, guides, 1, 1)
    slope = _solve(covariance[:, :, :guides] + floor * identity, covariance[:, :, guides:])
    offset = mean_image - (slope * mean_guide.unsqueeze(2)).sum(dim=1)
    fitted = mean(torch.cat([slope.flatten(1, 2), offset], dim=1))
    if subsample > 1:
        fitted = interpolate(fitted, size=(height, width), mode="bilinear", align_corners=False)
    slope = fitted[:, : guides * channels].unflatten(1, (guides, channels))
    return encode((slope * guide.unsqueeze(2)).sum(dim=1) + fitted[:, guides * channels :], like)


class GuidedBlur(module(guided_blur, inputs=("guidance", "input"))): ...


def every(image: Tensor, step: int) -> Tensor:
    """Take every so many pixels, on a grid that lies as `interpolate` will see it."""
    for axis in (-2, -1) if step > 1 else ():
        size = image.shape[axis]
        count = max(size // step, 1)
        # The pixel nearest to (i + 1/2) size / count - step / 2; of two the later one.
        number = 2 * torch.arange(count, device=image.device) + 1
        place = (number * size - (step - 1) * count).div(2 * count, rounding_mode="floor")
        image = image.index_select(axis, place.clamp(0, size - 1))
    return image


def _solve(matrix: Tensor, right: Tensor) -> Tensor:
    """Solve symmetric positive definite systems (B, G, G, H, W) x = (B, G, C, H, W), one a pixel, by elimination."""
    count = matrix.shape[1]
    # Lines begin at the diagonal: what is left of it is what is below it.
    lines = [torch.cat([matrix[:, i, i:], right[:, i]], dim=1) for i in range(count)]
    for i in range(count):
        for k in range(i + 1, count):
            factor = lines[i][:, k - i : k - i + 1] / lines[i][:, :1]
            lines[k] = lines[k] - factor * lines[i][:, k - i :]
    solved: list[Tensor] = []
    for i in reversed(range(count)):
        value = lines[i][:, count - i :]
        for k, other in enumerate(solved, start=1):
            value = value - lines[i][:, k : k + 1] * other
        solved.insert(0, value / lines[i][:, :1])
    return torch.stack(solved, dim=1)
