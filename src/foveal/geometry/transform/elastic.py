# SPDX-License-Identifier: Apache-2.0
"""Elastic deformation: a warp by smoothed noise."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape, check_size
from foveal._op import op
from foveal.filters import gaussian_blur2d
from foveal.geometry.transform._sample import check_image, check_sampling, wide_dtype
from foveal.geometry.transform.remap import remap


@op
def elastic_transform2d(
    image: Float[Tensor, "batch channels height width"],
    noise: Float[Tensor, "#batch 2 height width"],
    kernel_size: tuple[int, int] = (63, 63),
    sigma: tuple[float, float] | Tensor = (32.0, 32.0),
    alpha: tuple[float, float] | Tensor = (1.0, 1.0),
    align_corners: bool = False,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch channels height width"]:
    """Deform images by noise that is smoothed and scaled.

    Args:
        image: (B, C, H, W).
        noise: by what to move where each pixel is taken from, x and y, (B, 2, H, W) or (1, 2, H, W).
        kernel_size: rows and columns of the Gaussian window.
        sigma: its standard deviations down and across, in pixels: two numbers or a tensor (2,).
        alpha: factors of the smoothed noise along x and y, which then counts in half extents of the image: two numbers
            or a tensor (2,).
        align_corners: half the extent of an axis of W pixels is (W - 1) / 2, else W / 2; reflection is about the
            centres of the outer pixels, else about their outer edges.
        mode: `"bilinear"` or `"nearest"`, which has no gradient to the noise.
        padding_mode: outside the image, `"zeros"`, `"border"` or `"reflection"`.

    Returns:
        Deformed images, (B, C, H, W).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    >>> image = torch.tensor([[[[1.0, 2.0, 3.0]]]])
    >>> elastic_transform2d(image, torch.zeros(1, 2, 1, 3), (1, 1))
    tensor([[[[1., 2., 3.]]]])

    Source: Simard et al. 2003, "Best practices for convolutional neural networks applied to visual document analysis".
    """
    check_image(image, "image")
    check_floating(noise, "noise")
    check_shape(noise, "noise", 1 if noise.shape[:1] == (1,) else image.shape[0], 2, *image.shape[2:])
    check_size(kernel_size, "kernel_size", 2)
    check_sampling(mode, padding_mode)
    dtype = wide_dtype(image, noise)
    height, width = image.shape[2:]
    if isinstance(sigma, Tensor):
        check_shape(sigma, "sigma", 2)
        sigma = sigma.to(dtype).expand(noise.shape[0], 2)
    smooth = gaussian_blur2d(noise.to(dtype), kernel_size, sigma, "constant")
    positions: list[Tensor] = []
    for axis, size in enumerate((width, height)):
        places = torch.arange(size, device=noise.device, dtype=dtype).view(-1 if axis else 1, 1 if axis else -1)
        half = (size - 1 if align_corners else size) / 2
        positions.append(places + smooth[:, axis] * (alpha[axis] * half))
    return remap(image, positions[0], positions[1], mode, padding_mode, align_corners)
