# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest
import torch

from foveal.apps.correlation import (
    correlation_coefficient,
    normalized_cross_correlation,
    peak_between_pixels,
)


@pytest.mark.parametrize(
    ("window", "patch"), [((21, 27), (7, 9)), ((9, 9), (9, 9)), ((5, 8), (1, 4)), ((33, 16), (4, 4))]
)
@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_correlation_is_opencvs(window: tuple[int, int], patch: tuple[int, int], offset: float) -> None:
    windows, patches = torch.rand(3, *window) + offset, torch.rand(3, *patch) + offset
    expected = np.stack(
        [
            cv2.matchTemplate((w - offset).numpy(), (p - offset).numpy(), cv2.TM_CCOEFF_NORMED)
            for w, p in zip(windows, patches, strict=True)
        ]
    )
    found = normalized_cross_correlation(windows, patches)
    # OpenCV's own float32 sums differ by some 1e-6; an offset of 100 leaves five digits of the texture.
    torch.testing.assert_close(found, torch.from_numpy(expected), atol=1e-3 if offset else 2e-5, rtol=0)


def test_patch_correlates_fully_with_its_place_whatever_the_contrast() -> None:
    window = torch.rand(1, 30, 40)
    maps = normalized_cross_correlation(window, 3 * window[:, 4:15, 8:21] - 7)
    assert maps.shape == (1, 20, 28)
    assert maps[0].argmax() == 4 * 28 + 8
    torch.testing.assert_close(maps.max(), torch.tensor(1.0), atol=1e-5, rtol=0)


def test_flat_places_and_flat_patches_do_not_correlate() -> None:
    window = torch.rand(1, 20, 20)
    window[:, 3:12, 3:12] = 0.3
    maps = normalized_cross_correlation(window, torch.rand(1, 4, 4))
    assert (maps[0, 3:9, 3:9] == 0).all()
    assert maps.isfinite().all()
    assert (normalized_cross_correlation(window, torch.full((1, 4, 4), 0.7)) == 0).all()


def test_coefficient_is_numpys() -> None:
    first, second = torch.rand(4, 5, 6), torch.rand(4, 5, 6)
    expected = [np.corrcoef(a.flatten(), b.flatten())[0, 1] for a, b in zip(first.numpy(), second.numpy(), strict=True)]
    torch.testing.assert_close(correlation_coefficient(first, second), torch.tensor(expected).float())


def test_peak_between_pixels_of_a_smooth_image() -> None:
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    shift = torch.tensor([0.37, -0.42])

    def texture(dx: float, dy: float) -> torch.Tensor:
        u, v = x - dx, y - dy
        return torch.sin(0.31 * u + 0.4 * v) + torch.sin(0.43 * u - 0.17 * v) + torch.sin(0.13 * u * 0.9 + 0.51 * v)

    image, moved = texture(0, 0), texture(*shift.tolist())
    centre = torch.tensor([[31.0, 33.0]])
    patch = image[None, 33 - 10 : 33 + 11, 31 - 10 : 31 + 11]
    found = peak_between_pixels(moved, patch, centre, rounds=4)
    torch.testing.assert_close(found, centre + shift, atol=2e-3, rtol=0)
