# SPDX-License-Identifier: Apache-2.0
"""The chapter on depth from three views."""

import math
import time

import torch
from matplotlib.figure import Figure as Canvas
from torch import Tensor
from torch.nn.functional import max_pool2d

from foveal.apps.depth import Estimate, Scene, estimate_depth
from foveal.apps.depth import Settings as Method
from foveal.apps.depth.rendering import Plane, Sphere, cast, render, three_cameras
from foveal.apps.photo import Photo, read_photo
from foveal.apps.report.chapter import Chapter, Facts, Figure, Settings, Table, Text
from foveal.apps.report.plots import bare_axes, picture
from foveal.geometry.camera import project_points
from foveal.geometry.conversions import axis_angle_to_rotation_matrix
from foveal.geometry.depth import depth_to_3d_v2

LARGEST = 512
# What the search is told, and the largest error that the picture of errors tells apart.
NEAR, FAR, SHOWN = 1.5, 10.0, 0.1
# Grey that can be read on a light and on a dark page.
GREY = "#808893"
# Degrees by which the points are turned about the vertical axis.
ASIDE = {"the points, from the left": 20.0, "the points, from the right": -20.0}
# Pixels nearer to the outline of a thing than this are not inside of it.
OUTLINE = 4


def depth(settings: Settings) -> Chapter:
    """Find the depth of a view of photographs on planes and balls, whose depth is known."""
    photo = read_photo(settings.photo, largest=LARGEST)
    settings.announce("Render three views")
    things = _things(photo)
    scene, exact = render(list(things.values()), (NEAR, FAR))
    # The first call of a kernel compiles it.
    estimate_depth(scene, Method(iterations=1), lambda _: settings.announce("Depth: making ready"))
    start = time.perf_counter()
    found = estimate_depth(scene, report=lambda step: settings.announce(f"Depth: {step}"))
    seconds = time.perf_counter() - start
    error = (found.depth - exact).abs() / exact
    height, width = exact.shape
    return Chapter(
        "Depth from three views",
        f"""Three pictures of {width} x {height} pixels of a small world, whose walls, floor and balls are photographs
            ({photo.name} at the back), from places a little apart. Nothing but these pictures and their cameras is
            known: the depth of the middle one is what makes the others look like it, and comes out by gradient descent
            with a mean error of {error.mean():.1%}.""",
        (
            Facts(
                (
                    (f"{error.mean():.1%}", "mean relative error of the depth"),
                    (f"{error.median():.2%}", "median error"),
                    (f"{(error < 0.05).float().mean():.0%}", "of the pixels are closer than 5%"),
                    (f"{seconds:.1f} s", f"for {width * height:,} depths"),
                )
            ),
            _pictures(scene, found, exact, error),
            _points(scene, found),
            _table(error, things, exact),
            Text(_method(), heading="How it works"),
        ),
    )


def _things(photo: Photo) -> dict[str, Plane | Sphere]:
    back = photo.colours[None]
    grass, gravel, cat, coffee = _photographs() or [back] * 4
    return {
        "wall": Plane((0, 1.3, 6), (4, 0, 0.4), (0, 4, 0), back),
        "floor": Plane((0, 1, 4.5), (5, 0, 0), (0, 0, 2.5), grass),
        "card": Plane((-1.3, -0.2, 4.6), (0.55, 0, 0.25), (0, 0.5, 0), coffee),
        "left ball": Sphere((-0.75, 0.45, 3.4), 0.5, gravel),
        "right ball": Sphere((0.9, 0.4, 4), 0.55, cat),
    }


def _photographs() -> list[Tensor]:
    """Return photographs of scikit-image, none where it is not installed: the user's own is then on everything."""
    try:
        from skimage import data
    except ModuleNotFoundError:
        return []
    images = [torch.from_numpy(read()) for read in (data.grass, data.gravel, data.chelsea, data.coffee)]
    colours = [image.movedim(-1, 0) if image.ndim == 3 else image.expand(3, -1, -1) for image in images]
    return [image[None].float() / 255 for image in colours]


def _pictures(scene: Scene, found: Estimate, exact: Tensor, error: Tensor) -> Figure:
    middle, left, right = (view.image.movedim(0, -1).numpy() for view in scene.views)
    near, far = (1 / exact).max().item(), (1 / exact).min().item()
    inverse = {"cmap": "viridis", "vmin": far, "vmax": near}
    panels = (
        ("left view", left, {}),
        ("middle view", middle, {}),
        ("right view", right, {}),
        ("depth as it is", (1 / exact).numpy(), inverse),
        ("depth that was found", (1 / found.depth).numpy(), inverse),
        ("error, relative", error.numpy(), {"cmap": "magma", "vmin": 0, "vmax": SHOWN}),
    )
    height, width = exact.shape
    canvas = Canvas(figsize=(10, 2 * (10 / 3 * height / width + 0.25)), layout="constrained")
    for axes, (title, image, options) in zip(canvas.subplots(2, 3).flat, panels, strict=True):
        axes.imshow(image, interpolation="antialiased", **options)
        axes.set_title(title, fontsize=9.5, loc="left", color=GREY)
        bare_axes(axes)
    last = canvas.axes[-1]
    bar = canvas.colorbar(last.images[0], ax=last, ticks=[0, SHOWN / 2, SHOWN], shrink=0.8, format=_percent)
    bar.ax.tick_params(colors=GREY, labelsize=8, length=0)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    return picture(
        canvas,
        alt="Three views of the same world above; below them the exact depth and the one that was found, in colours "
        "that look the same, and their difference, dark but for the edges of the balls.",
        caption=f"Above, all that is given. Below, near is yellow and far is blue; the error is the difference over "
        f"the depth, from {error.min():.0%} (black) to {SHOWN:.0%} and more (bright). Most of it lies along the "
        "outlines, where a window of pixels shows two things, and on the grass, whose blades look alike.",
    )


def _points(scene: Scene, found: Estimate) -> Figure:
    view = scene.views[0]
    points = depth_to_3d_v2(found.depth, view.calibration[None])[0][found.seen]
    colours = view.image.movedim(0, -1)[found.seen]
    height, width = found.depth.shape
    centre = points.median(dim=0).values * points.new_tensor([0.0, 0.0, 1.0])
    canvas = Canvas(figsize=(10, 5 * height / width + 0.3), layout="constrained")
    for axes, (title, angle) in zip(canvas.subplots(1, 2), ASIDE.items(), strict=True):
        turn = axis_angle_to_rotation_matrix(torch.tensor([[0.0, angle * math.pi / 180, 0.0]]))[0]
        turned = (points - centre) @ turn.T + centre
        # Near points are drawn last.
        order = turned[:, 2].argsort(descending=True)
        places = project_points(turned[order], view.calibration[None]).numpy()
        axes.scatter(*places.T, c=colours[order].numpy(), s=3.6, marker="s", linewidths=0, rasterized=True)
        axes.set_xlim(-0.12 * width, 1.12 * width)
        axes.set_ylim(1.12 * height, -0.12 * height)
        axes.set_aspect("equal")
        axes.set_facecolor("none")
        axes.set_title(title, fontsize=9.5, loc="left", color=GREY)
        bare_axes(axes)
    return picture(
        canvas,
        alt="The points of the middle view in space, turned to be seen from the left and from the right: the balls and "
        "the card stand in front of the wall.",
        caption="The middle view in space, seen from places where no camera was. Gaps are what the middle view hides.",
    )


def _table(error: Tensor, things: dict[str, Plane | Sphere], exact: Tensor) -> Table:
    height, width = exact.shape
    camera = three_cameras(width, height)[0]
    owner = torch.stack([cast(camera, [thing])[1] for thing in things.values()]).argmin(dim=0)
    # Where no other thing is in a window around the pixel.
    labels, side = owner[None].float(), 2 * OUTLINE + 1
    inside = (max_pool2d(labels, side, 1, OUTLINE) == -max_pool2d(-labels, side, 1, OUTLINE))[0]
    parts = {"all": torch.ones_like(inside), f"{OUTLINE} pixels and more from outlines": inside}
    parts |= {f"of the {name}": owner == number for number, name in enumerate(things)}
    rows = list[tuple[str, ...]]()
    for name, chosen in parts.items():
        part = error[chosen]
        numbers = (part.mean(), part.median(), part.quantile(0.95))
        rows.append((name, f"{part.numel():,}", *(f"{value:.2%}" for value in numbers)))
    return Table(
        ("pixels", "number", "mean error", "median error", "95% are under"),
        tuple(rows),
        "Difference from the exact depth, over the exact depth.",
    )


def _method() -> str:
    return """Pixels of the middle view are sent to the others by their depth, and compared there: 0.85 of their
        structural dissimilarity and 0.15 of the absolute difference. At first 64 planes are tried for all pixels at
        once; from there Adam moves the inverse depth of every pixel, on three sizes of the pictures, with a smoothness
        that gives way at edges. The gradient runs through the cameras, the warp and the comparison.

        `foveal depth SCENE -o OUT` does it with calibrated pictures of your own, and writes the depth and the points as
        files; it reads models of COLMAP too."""


def _percent(value: float, _: int) -> str:
    return f"{value:.0%}"
