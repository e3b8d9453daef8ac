# SPDX-License-Identifier: Apache-2.0
"""The coordinates of pixel centres are those that `grid_sample` reads pixels from."""

import kornia
import numpy as np
import pytest
import torch

from foveal.geometry.grid import create_meshgrid, create_meshgrid3d

SIZES = [(3, 4), (2, 1), (1, 5), (1, 1), (0, 3)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.int64])
def test_grid_is_that_of_kornia(size: tuple[int, int], options: tuple[bool, bool], dtype: torch.dtype) -> None:
    normalized, align_corners = options
    grid = create_meshgrid(*size, normalized, dtype=dtype, align_corners=align_corners)
    wanted = kornia.geometry.create_meshgrid(*size, normalized, dtype=dtype, align_corners=align_corners)
    torch.testing.assert_close(grid, wanted)
    volume = create_meshgrid3d(2, *size, normalized, dtype=dtype)
    torch.testing.assert_close(volume, kornia.geometry.create_meshgrid3d(2, *size, normalized, dtype=dtype))


def test_pixels_are_those_of_numpy() -> None:
    x, y = np.meshgrid(np.arange(5), np.arange(3))
    np.testing.assert_array_equal(create_meshgrid(3, 5, False)[0].numpy(), np.stack([x, y], axis=-1))


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("size", [(5, 7), (1, 3), (1, 1)])
def test_a_normalized_grid_samples_its_own_image(align_corners: bool, size: tuple[int, int]) -> None:
    image = torch.rand(1, 2, *size, dtype=torch.float64)
    grid = create_meshgrid(*size, dtype=torch.float64, align_corners=align_corners)
    torch.testing.assert_close(torch.nn.functional.grid_sample(image, grid, align_corners=align_corners), image)


@pytest.mark.parametrize("align_corners", [True, False])
def test_a_normalized_grid_samples_its_own_volume(align_corners: bool) -> None:
    volume = torch.rand(1, 2, 3, 5, 4, dtype=torch.float64)
    grid = create_meshgrid3d(3, 5, 4, dtype=torch.float64, align_corners=align_corners)[..., [1, 2, 0]]
    torch.testing.assert_close(torch.nn.functional.grid_sample(volume, grid, align_corners=align_corners), volume)


@pytest.mark.parametrize("align_corners", [True, False])
def test_half_precision_is_rounded_once(align_corners: bool) -> None:
    exact = create_meshgrid(1, 5000, dtype=torch.float64, align_corners=align_corners)
    rounded = create_meshgrid(1, 5000, dtype=torch.float16, align_corners=align_corners)
    torch.testing.assert_close(rounded.double(), exact, rtol=0, atol=2.5e-4)


def test_grids_compile_with_other_sizes() -> None:
    compiled = torch.compile(create_meshgrid, fullgraph=True, backend="eager", dynamic=True)
    for size in ((3, 4), (5, 6)):
        torch.testing.assert_close(compiled(*size), create_meshgrid(*size))


def test_sizes_are_checked() -> None:
    with pytest.raises(TypeError, match="height must be an integer, got float"):
        create_meshgrid(2.0, 3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="width must be at least 0, got -1"):
        create_meshgrid(2, -1)
    with pytest.raises(ValueError, match="depth must be at least 0, got -1"):
        create_meshgrid3d(-1, 2, 3)
