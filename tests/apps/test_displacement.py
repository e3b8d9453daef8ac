# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.apps.displacement import (
    REFINEMENTS,
    Displacement,
    measure_displacement,
    mild_homography,
    project,
    textured_patches,
    warp,
)
from foveal.apps.photo import read_photo
from foveal.peaks.refinement import REFINEMENTS as ALL_REFINEMENTS


@pytest.fixture(scope="module")
def part() -> Tensor:
    return read_photo().grey[:224, 130:386].contiguous()


@pytest.fixture(scope="module")
def result(part: Tensor) -> Displacement:
    return measure_displacement(part)


def median(errors: Tensor) -> float:
    return errors.norm(dim=-1).median().item()


def test_every_refinement_is_measured(result: Displacement) -> None:
    assert set(REFINEMENTS) == set(ALL_REFINEMENTS) == set(result.found) == set(result.decoding_seconds)
    assert all(seconds > 0 for seconds in (*result.decoding_seconds.values(), *result.steps.values()))


def test_correlation_itself_peaks_at_the_truth(result: Displacement) -> None:
    """The known truth, the warp and the correlation agree far below the errors that the chapter reports."""
    assert median(result.matching_errors()) < 0.03


def test_errors_are_those_of_each_refinement(result: Displacement) -> None:
    # The highest pixel is off by up to half a pixel along both axes: in the median by about 0.4 px.
    assert 0.3 < median(result.errors(None)) < 0.5
    for refinement in ("quadratic", "log_quadratic"):
        assert median(result.errors(refinement)) < 0.06
        assert len(result.errors(refinement)) == len(result.truth)


def test_displacement_covers_a_pixel(result: Displacement) -> None:
    moved = result.truth - result.centres
    assert moved.norm(dim=-1).max() < result.radius / 2
    assert 0.3 < (moved.amax(dim=0) - moved.amin(dim=0)).min() < 2


def test_unwarped_photo_has_no_displacement(part: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foveal.apps.displacement.mild_homography", lambda *_: torch.eye(3))
    still = measure_displacement(part)
    for refinement in (None, "quadratic", "log_quadratic"):
        # A texture that is not symmetric has a parabola's vertex off its highest sample.
        assert median(still.errors(refinement)) < 0.03
    assert median(still.matching_errors()) < 1e-3


def test_warp_agrees_with_opencv(part: Tensor) -> None:
    matrix = mild_homography(*part.shape)
    smooth = torch.nn.functional.avg_pool2d(part[None, None], 5, 1, 2)[0, 0]
    expected = cv2.warpPerspective(smooth.numpy(), matrix.double().numpy(), part.shape[::-1], flags=cv2.INTER_LANCZOS4)
    inside = (slice(16, -16), slice(16, -16))
    difference = (warp(smooth, matrix)[inside] - torch.from_numpy(expected)[inside]).abs()
    # OpenCV rounds positions to 1/32 px.
    assert difference.mean() < 2e-3


def test_projection_agrees_with_opencv() -> None:
    matrix, points = mild_homography(200, 300), torch.rand(10, 2) * 200
    expected = cv2.perspectiveTransform(points[:, None].double().numpy(), matrix.double().numpy())[:, 0]
    np.testing.assert_allclose(project(matrix, points).numpy(), expected, rtol=1e-6)


def test_patches_without_texture_are_left_out() -> None:
    image = torch.zeros(100, 200)
    image[:, 120:] = torch.rand(100, 80)
    centres, patches = textured_patches(image, 11, margin=10, spacing=10)
    assert patches.shape[1:] == (11, 11)
    assert (centres[:, 0] >= 110).sum() == 8 * 8
    for centre, patch in zip(centres.long(), patches, strict=True):
        x, y = centre.tolist()
        torch.testing.assert_close(patch, image[y - 5 : y + 6, x - 5 : x + 6])


def test_photo_without_texture_is_refused(part: Tensor) -> None:
    with pytest.raises(ValueError, match="must have more than"):
        measure_displacement(part[:50, :50])
