# SPDX-License-Identifier: Apache-2.0
"""The chapter on displacement: how well each refinement decodes the peak of a correlation."""

import torch
from torch import Tensor

from foveal.apps.displacement import REFINEMENTS, THRESHOLD, WINDOW, Displacement, measure_displacement
from foveal.apps.photo import read_photo
from foveal.apps.report.chapter import Chapter, Facts, Settings, Table, Text
from foveal.apps.report.displacement_plots import arrows, bias_plot, distribution_plot, label, one_patch
from foveal.apps.stopwatch import Stopwatch

MICROSECOND = "\N{MICRO SIGN}s"


def displacement(settings: Settings) -> Chapter:
    """Measure the displacement between a photograph and its warped copy."""
    watch = Stopwatch(settings.announce)
    with watch.step("Read the photograph"):
        photo = read_photo(settings.photo)
    result = measure_displacement(photo.grey, announce=settings.announce)
    best = min(REFINEMENTS, key=lambda kind: median(result.errors(kind)))
    with watch.step("Draw the figures"):
        overview, patch = arrows(result, photo, best), one_patch(result)
        bias, distribution = bias_plot(result), distribution_plot(result)
    read, draw = watch.seconds.items()
    return Chapter(
        "Displacement, to a fraction of a pixel",
        summary(result, photo.name, best),
        (
            facts(result, best),
            overview,
            Text(method(result), heading="How it was measured"),
            patch,
            Text(question(), heading="Error of every refinement"),
            error_table(result, best),
            bias,
            distribution,
            Text(reading(result), heading="How to read it"),
            step_table(dict([read]) | result.steps | dict([draw])),
        ),
    )


def median(errors: Tensor) -> float:
    """Return the median length of errors; infinity where there are none."""
    return errors.norm(dim=-1).median().item() if len(errors) else float("inf")


def spread(errors: Tensor, count: int) -> tuple[str, str, str]:
    """Return the number of errors, their median length and the length that 95% stay under."""
    lengths = errors.norm(dim=-1)
    most = lengths.quantile(0.95).item() if len(errors) else float("inf")
    return f"{len(errors):,} of {count:,}", f"{median(errors):.4f}", f"{most:.4f}"


def summary(result: Displacement, name: str, best: str | None) -> str:
    """Say in words what was done and found."""
    height, width = result.photo.shape
    return f"""A photograph ({name}, {width} x {height} pixels) is warped by a known homography, and
        {len(result.centres):,} of its patches are looked for in the warped copy without knowing it. The best decoding
        of the correlation maps, `{label(best)}`, is off by {median(result.errors(best)):.3f} px in the median; the
        highest pixel alone by {median(result.errors(None)):.3f} px."""


def facts(result: Displacement, best: str | None) -> Facts:
    """Return the headline numbers."""
    error, rounding = median(result.errors(best)), median(result.errors(None))
    each = 1e6 * result.decoding_seconds[best] / len(result.maps)
    return Facts(
        (
            (f"{error:.3f} px", f"median error of {label(best)}"),
            (f"{rounding / error:.0f} times", "closer than the highest pixel"),
            (f"{len(result.centres):,}", f"patches of {result.patch} x {result.patch} pixels"),
            (f"{each:.2g} {MICROSECOND}", f"to decode one map by {label(best)}"),
        )
    )


def method(result: Displacement) -> str:
    """Say how the numbers came about, in words."""
    moved = (result.truth - result.centres).norm(dim=-1)
    side = 2 * result.radius + 1
    return f"""The photograph is blurred slightly, as by a lens, and sampled from its fourfold enlargement, so that
        interpolation leaves no trace, under a homography that turns it by 0.1 degrees, enlarges it by 0.1% and tilts
        it a little. That moves these patches by {moved.min():.2f} to {moved.max():.2f} px. They lie on a grid; the half
        with the stronger texture is kept, for along an edge no displacement can be seen.

        Each patch is correlated (normalized cross-correlation) with the copy at every place within {result.radius} px
        of its old one. The peak of that map of {side} x {side} samples, found by `foveal.peaks.find_global_peaks`, is
        compared with the place to which the homography takes the centre of the patch."""


def question() -> str:
    """Say what is compared."""
    return """A correlation map has one sample per pixel. `refinement` says how its peak is placed between the samples;
        `none` takes the highest sample itself."""


def reading(result: Displacement) -> str:
    """Say what the errors hold beside the decoding."""
    linear = result.matrix[:2, :2] / result.matrix[2, 2] - torch.eye(2)
    stretch = linear.abs().sum(dim=1).max().item() * (result.patch - 1) / 2
    return f"""Two errors add up. The first is decoding. A correlation peak is no exact parabola or Gaussian, and a
        refinement that assumes too much is drawn to the nearest pixel centre, as the plots of bias show. `integral`
        weighs all of a window that the peak does not fit in. `gaussian`, here fitted to {WINDOW} x {WINDOW} samples,
        takes the peak to be round: so it is in confidence maps of keypoints, for which it is made, but the correlation
        of a texture is longer in one direction than in another.

        The second is matching. The homography also turns and stretches a patch, by up to {stretch:.2f} px at its edge,
        and texture away from the centre pulls the best match along. No decoding can mend that. To tell the two apart,
        the patches were also correlated with crops of the copy at steps of 0.1 px
        (`foveal.geometry.transform.crop_resample`), which costs far more time and needs no refinement of a map. That
        peak of the correlation itself is {median(result.matching_errors()):.4f} px off the truth in the median: the row
        `matching alone`. The column `decoding alone` is the median distance of each decoded peak from it.

        A patch counts as found where its correlation reaches {THRESHOLD}; medians and percentiles are over the found
        ones."""


def error_table(result: Displacement, best: str | None) -> Table:
    """Return errors and time by refinement."""
    count, rows = len(result.maps), list[tuple[str, ...]]()
    for kind in REFINEMENTS:
        milliseconds = 1e3 * result.decoding_seconds[kind]
        times = (f"{milliseconds:.2f}", f"{1e3 * milliseconds / count:.2f}")
        rows.append(
            (label(kind), *spread(result.errors(kind), count), f"{median(result.decoding_errors(kind)):.4f}", *times)
        )
    rows.append(("matching alone", *spread(result.matching_errors(), count), "", "", ""))
    units = ("median, px", "95%, px", "decoding alone, px", "all maps, ms", f"one map, {MICROSECOND}")
    return Table(
        ("refinement", "found", *units),
        tuple(rows),
        "Distance between found and true position: the median, what 95% of the patches stay under, and the median part "
        "of it that is due to decoding; time of decoding, the median of repeated calls.",
        best=(REFINEMENTS.index(best),),
    )


def step_table(steps: dict[str, float]) -> Table:
    """Return the seconds of each step."""
    rows = [(name, f"{seconds:.3f}") for name, seconds in steps.items()]
    rows.append(("Together", f"{sum(steps.values()):.3f}"))
    return Table(
        ("step", "seconds"),
        tuple(rows),
        "Time of each step. A first call may compile a kernel, or load it from the cache on disk.",
        best=(len(rows) - 1,),
    )
