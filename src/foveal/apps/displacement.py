# SPDX-License-Identifier: Apache-2.0
"""Displacement of patches between a photograph and its copy warped by a known homography."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from foveal.apps.correlation import normalized_cross_correlation, peak_between_pixels
from foveal.apps.enlargement import enlarge
from foveal.apps.stopwatch import Stopwatch, median_seconds
from foveal.geometry.transform import warp_perspective
from foveal.peaks import crop_bboxes, find_global_peaks, make_centered_bboxes, smooth_imgs

REFINEMENTS = (None, "local", "integral", "quadratic", "log_quadratic", "gaussian")

# A correlation under this is no sighting of the patch.
THRESHOLD = 0.5

# Samples along each side that "gaussian" is fitted to: further from the top a correlation is no Gaussian.
WINDOW = 5


@dataclass(frozen=True)
class Displacement:
    """What was done and found; all points are (x, y) in pixels, centres on integers.

    Args:
        photo: the grey photograph, as measured (slightly blurred), (height, width).
        warped: its copy under the homography.
        matrix: the homography, from photo to copy, (3, 3).
        centres: centres of the patches in the photo, (n, 2).
        truth: where the homography takes them, (n, 2).
        maps: correlation of each patch around its centre in the copy, (n, 2 radius + 1, 2 radius + 1).
        found: centres found in the copy by each refinement, (n, 2); NaN where no correlation reaches the threshold.
        resampled: centres at the peak of the correlation itself, sampled between pixels, (n, 2).
        decoding_seconds: median time of one call on all maps, by refinement.
        steps: seconds of each step.
        patch: side of a patch.
        radius: the largest displacement that is looked for along each axis.
        spacing: distance of neighbouring patch centres.
    """

    photo: Float[Tensor, "height width"]
    warped: Float[Tensor, "height width"]
    matrix: Float[Tensor, "3 3"]
    centres: Float[Tensor, "n 2"]
    truth: Float[Tensor, "n 2"]
    maps: Float[Tensor, "n side side"]
    found: dict[str | None, Float[Tensor, "n 2"]]
    resampled: Float[Tensor, "n 2"]
    decoding_seconds: dict[str | None, float]
    steps: dict[str, float]
    patch: int
    radius: int
    spacing: int

    def errors(self, refinement: str | None) -> Float[Tensor, "n 2"]:
        """Return found minus true position of the patches that were found."""
        return only_finite(self.found[refinement] - self.truth)

    def decoding_errors(self, refinement: str | None) -> Float[Tensor, "n 2"]:
        """Return found position minus the peak of the correlation itself: what the decoding alone is to blame for."""
        return only_finite(self.found[refinement] - self.resampled)

    def matching_errors(self) -> Float[Tensor, "n 2"]:
        """Return the peak of the correlation itself minus the true position: what no decoding could mend."""
        return only_finite(self.resampled - self.truth)


def measure_displacement(
    grey: Float[Tensor, "height width"],
    *,
    patch: int = 31,
    radius: int = 8,
    spacing: int = 12,
    announce: Callable[[str], object] = lambda _: None,
) -> Displacement:
    """Warp a photograph by a mild homography, find its patches in the copy, and compare with where they really went.

    Args:
        grey: the photograph in [0, 1], (height, width).
        patch: side of a patch in pixels, odd.
        radius: how far around its old place a patch is looked for, in pixels.
        spacing: distance of neighbouring patch centres in pixels.
        announce: told the name of each step.

    Raises:
        ValueError: the photograph is too small to hold a patch.
    """
    watch = Stopwatch(announce)
    with watch.step("Blur the photograph as a lens does"):
        photo = smooth_imgs(grey[None, None], 9, 1.2)[0, 0]
    with watch.step("Warp it by the homography"):
        matrix = mild_homography(*photo.shape)
        warped = warp(photo, matrix)
    with watch.step("Choose textured patches"):
        centres, patches = textured_patches(photo, patch, margin=patch // 2 + radius + 8, spacing=spacing)
        truth = project(matrix, centres)
    with watch.step("Cut the windows to search"):
        windows = cut(warped, centres, patch + 2 * radius)
    with watch.step("Correlate every patch with its window"):
        maps = normalized_cross_correlation(windows, patches)
    with watch.step("Decode, first call of every refinement"):
        peaks = {refinement: decode(maps, refinement) for refinement in REFINEMENTS}
    with watch.step("Decode again and again, to time it"):
        seconds = {kind: median_seconds(lambda kind=kind: decode(maps, kind)) for kind in REFINEMENTS}
    found = {refinement: centres + peak - radius for refinement, peak in peaks.items()}
    with watch.step("Correlate between the pixels, for the peak itself"):
        resampled = peak_between_pixels(warped, patches, found["quadratic"])
    return Displacement(
        photo, warped, matrix, centres, truth, maps, found, resampled, seconds, watch.seconds, patch, radius, spacing
    )


def mild_homography(height: int, width: int) -> Float[Tensor, "3 3"]:
    """Return a homography that turns by 0.1 degrees, enlarges by 0.1%, shifts by a few pixels and tilts slightly.

    It moves pixels by all fractions, yet changes a patch so little that matching it still has one well-defined answer.
    """
    angle, scale = math.radians(0.1), 1.001
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    about = torch.tensor([[cosine, -sine, 1.37], [sine, cosine, -0.81], [1e-6, -1e-6, 1.0]], dtype=torch.float64)
    to_centre = torch.eye(3, dtype=torch.float64)
    to_centre[:2, 2] = torch.tensor([-(width - 1) / 2, -(height - 1) / 2])
    return (to_centre.inverse() @ about @ to_centre).float()


def warp(
    image: Float[Tensor, "height width"], matrix: Float[Tensor, "3 3"], factor: int = 4
) -> Float[Tensor, "height width"]:
    """Return the image under a homography, sampled from its enlargement: interpolation would bias the truth."""
    shrink = torch.diag(torch.tensor([1 / factor, 1 / factor, 1.0]))
    size = (image.shape[0], image.shape[1])
    return warp_perspective(enlarge(image, factor)[None, None], (matrix @ shrink)[None], size)[0, 0]


def project(matrix: Float[Tensor, "3 3"], points: Float[Tensor, "n 2"]) -> Float[Tensor, "n 2"]:
    """Return points moved by a homography, computed in float64."""
    moved = torch.nn.functional.pad(points.double(), (0, 1), value=1.0) @ matrix.double().T
    return (moved[:, :2] / moved[:, 2:]).float()


def cut(image: Float[Tensor, "height width"], centres: Float[Tensor, "n 2"], side: int) -> Float[Tensor, "n side side"]:
    """Return the square windows of odd side around pixel centres."""
    boxes = make_centered_bboxes(centres, side, side)
    samples = torch.zeros(len(centres), dtype=torch.int32)
    return crop_bboxes(image[None, None], boxes, samples, crop_size=(side, side))[:, 0]


def textured_patches(
    image: Float[Tensor, "height width"], side: int, *, margin: int, spacing: int
) -> tuple[Float[Tensor, "n 2"], Float[Tensor, "n side side"]]:
    """Return centre and pixels of the better half of the patches on a grid.

    A patch is as good as its texture is strong in its weakest direction: the smaller eigenvalue of its structure tensor
    (Shi and Tomasi 1994). Along an edge, or where nothing is to be seen, there is no displacement to measure.
    """
    height, width = image.shape
    if min(height, width) <= 2 * margin:
        raise ValueError(f"a photo must have more than {2 * margin} pixels along each side, got {width} x {height}")
    rows, columns = torch.arange(margin, height - margin, spacing), torch.arange(margin, width - margin, spacing)
    centres = torch.cartesian_prod(columns, rows).reshape(-1, 2).float()
    patches = cut(image, centres, side)
    along_x = (patches[:, 1:-1, 2:] - patches[:, 1:-1, :-2]) / 2
    along_y = (patches[:, 2:, 1:-1] - patches[:, :-2, 1:-1]) / 2
    xx, yy, xy = (product.mean(dim=(-2, -1)) for product in (along_x**2, along_y**2, along_x * along_y))
    smaller = (xx + yy) / 2 - torch.hypot((xx - yy) / 2, xy)
    chosen = smaller >= smaller.median()
    return centres[chosen], patches[chosen]


def only_finite(errors: Float[Tensor, "n 2"]) -> Float[Tensor, "m 2"]:
    """Return the errors of the patches that were found."""
    return errors[errors.isfinite().all(dim=-1)]


def decode(maps: Float[Tensor, "n side side"], refinement: str | None) -> Float[Tensor, "n 2"]:
    """Return the peak (x, y) of each map, NaN where it is lower than the threshold."""
    return find_global_peaks(maps[:, None], THRESHOLD, refinement, window=WINDOW)[0][:, 0]
