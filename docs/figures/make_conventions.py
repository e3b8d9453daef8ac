# SPDX-License-Identifier: Apache-2.0
"""Draw the figures of `docs/conventions.md`: what each one shows is computed by foveal, not drawn by hand.

Run by `python docs/figures/make_conventions.py`. The same versions of foveal and matplotlib give the same bytes.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import torch
from torch import Tensor

from foveal.geometry import create_meshgrid, project_points
from foveal.geometry.boxes import Boxes
from foveal.geometry.transform import get_affine_matrix2d, get_rotation_matrix2d, rotate, warp_affine

mpl.use("Agg")
import matplotlib.pyplot as plt

mpl.rcParams.update(
    {"svg.fonttype": "none", "svg.hashsalt": "foveal", "font.size": 9, "figure.constrained_layout.use": True}
)

HERE = Path(__file__).parent
FIGURES: list[Callable[[], Any]] = []


def figure(draw: Callable[[], Any]) -> Callable[[], Any]:
    """Count a function among those that draw a figure of its name."""
    FIGURES.append(draw)
    return draw


def grid(axis: Any, width: int, height: int, margin: float = 0.9) -> None:
    """Draw the pixels of an image as squares around their centres, x to the right and y down."""
    for x in range(width + 1):
        axis.plot([x - 0.5, x - 0.5], [-0.5, height - 0.5], color="0.75", linewidth=0.8)
    for y in range(height + 1):
        axis.plot([-0.5, width - 0.5], [y - 0.5, y - 0.5], color="0.75", linewidth=0.8)
    axis.set(xlim=(-0.5 - margin, width - 0.5 + margin), ylim=(height - 0.5 + margin, -0.5 - margin), aspect="equal")
    axis.axis("off")


def arrow(axis: Any, start: tuple[float, float], end: tuple[float, float], **options: Any) -> None:
    """Draw an arrow."""
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "black", **options})


@figure
def pixel_grid() -> Any:
    """Pixel centres on integers, the axes, and the index of a pixel."""
    drawn, axis = plt.subplots(figsize=(3.6, 2.6))
    grid(axis, 4, 3)
    centres = create_meshgrid(3, 4, normalized_coordinates=False)[0].reshape(-1, 2).tolist()
    axis.plot(*zip(*centres, strict=True), "o", color="tab:blue", markersize=3)
    for x, y in centres:
        axis.text(x, y + 0.14, f"({x:g}, {y:g})", ha="center", va="top", fontsize=7)
    arrow(axis, (-0.5, -0.85), (1.2, -0.85))
    arrow(axis, (-0.85, -0.5), (-0.85, 1.2))
    axis.text(1.3, -0.85, "x", va="center")
    axis.text(-0.85, 1.45, "y", ha="center")
    axis.text(3.5, 2.65, "image[..., y, x]", ha="right", va="top", family="monospace", fontsize=8)
    return drawn


@figure
def align_corners() -> Any:
    """Normalized coordinates of four pixels, by either flag."""
    drawn, axes = plt.subplots(2, 1, figsize=(4.4, 2.5))
    for axis, aligned in zip(axes, (True, False), strict=True):
        grid(axis, 4, 1, 0.6)
        places = create_meshgrid(1, 4, align_corners=aligned)[0, 0, :, 0].tolist()
        axis.plot(range(4), [0] * 4, "o", color="tab:blue", markersize=3)
        for pixel, place in enumerate(places):
            axis.text(pixel, 0.12, f"{place:.3g}", ha="center", va="top", fontsize=8)
        # Where -1 and 1 lie, in pixels: the line through the first and the last pixel.
        slope = 3 / (places[-1] - places[0])
        for value in (-1, 1):
            axis.plot([slope * (value - places[0])] * 2, [-0.75, 0.0], "--", color="tab:red", linewidth=1)
            axis.text(slope * (value - places[0]), -0.8, f"{value}", ha="center", color="tab:red")
        axis.text(1.5, 0.6, f"align_corners={aligned}", ha="center", va="top", family="monospace", fontsize=8)
        axis.set(ylim=(0.9, -1.1))
    return drawn


@figure
def boxes() -> Any:
    """The box of the pixels 1 to 3 and 1 to 2, in every form."""
    drawn, axis = plt.subplots(figsize=(5.4, 2.7))
    box = Boxes.from_tensor(torch.tensor([[1.0, 1.0, 4.0, 3.0]]), mode="xyxy")
    mask: Any = box.to_mask(4, 6)[0]
    grid(axis, 6, 4, 0.3)
    for y, x in mask.nonzero().tolist():
        axis.fill(
            [x - 0.5, x + 0.5, x + 0.5, x - 0.5], [y - 0.5, y - 0.5, y + 0.5, y + 0.5], color="tab:blue", alpha=0.2
        )
    for mode, style in (("vertices", "tab:red"), ("vertices_plus", "tab:blue")):
        vertices: Any = box.to_tensor(mode)
        axis.plot(*vertices[0, [0, 1, 2, 3, 0]].T.tolist(), "o-", color=style, markersize=4, linewidth=1)
    lines = []
    for mode in ("xyxy", "xywh", "xyxy_plus"):
        values: Any = box.to_tensor(mode)
        lines.append(f"{mode:10}{[int(value) for value in values[0].tolist()]}")
    axis.text(6.0, 0.2, "\n".join(lines), family="monospace", fontsize=8, va="top")
    axis.text(6.0, 2.0, "vertices", color="tab:red", family="monospace", fontsize=8)
    axis.text(6.0, 2.5, "vertices_plus", color="tab:blue", family="monospace", fontsize=8)
    axis.set(xlim=(-0.8, 10.4))
    return drawn


@figure
def rotations() -> Any:
    """A letter and what +30 degrees make of it."""
    drawn, axes = plt.subplots(1, 3, figsize=(5.4, 2.0))
    image = torch.zeros(1, 1, 49, 49)
    image[..., 10:40, 14:19] = image[..., 10:15, 14:36] = image[..., 23:28, 14:31] = 1
    angle, centre, ones = torch.tensor([30.0]), torch.tensor([[24.0, 24.0]]), torch.ones(1, 2)
    turned = warp_affine(image, get_affine_matrix2d(torch.zeros(1, 2), centre, ones, angle)[:, :2], (49, 49))
    titles = ("image", "rotate(+30)", "get_affine_matrix2d(+30)")
    for axis, title, picture in zip(axes, titles, (image, rotate(image, angle), turned), strict=True):
        axis.imshow(picture[0, 0] > 0.5, cmap="Greys", interpolation="nearest")
        axis.set(xticks=[], yticks=[])
        axis.set_title(title, family="monospace", fontsize=8)
    assert torch.allclose(
        rotate(image, angle), warp_affine(image, get_rotation_matrix2d(centre, angle, ones), (49, 49))
    )
    return drawn


@figure
def camera() -> Any:
    """A camera at the origin, its axes and image plane, and a point with its pixel."""
    drawn, axes = plt.subplots(1, 2, figsize=(5.4, 2.4), width_ratios=[1.1, 1])
    ahead, depth = 1.6, 3.0
    point = torch.tensor([[1.0, 0.75, depth]])
    matrix = torch.tensor([[[4.0, 0.0, 3.0], [0.0, 4.0, 2.0], [0.0, 0.0, 1.0]]])

    def seen(x: float, y: float, z: float) -> tuple[float, float]:
        return (x + 0.75 * z, y - 0.35 * z)

    for tip, name in (((1.7, 0, 0), "x right"), ((0, 1.3, 0), "y down"), ((0, 0, 2.6), "z ahead")):
        arrow(axes[0], seen(0, 0, 0), seen(*tip))
        axes[0].text(*seen(*(1.12 * value for value in tip)), name, fontsize=8, ha="left", va="center")
    corners = [seen(x, y, ahead) for x, y in ((-0.9, -0.7), (0.9, -0.7), (0.9, 0.7), (-0.9, 0.7), (-0.9, -0.7))]
    axes[0].plot(*zip(*corners, strict=True), color="0.5", linewidth=1)
    x, y, z = point[0].tolist()
    hit = seen(x * ahead / z, y * ahead / z, ahead)
    axes[0].plot(*zip(seen(0, 0, 0), hit, seen(x, y, z), strict=True), ":", color="tab:red", linewidth=1)
    axes[0].plot(*zip(hit, seen(x, y, z), strict=True), "o", color="tab:red", markersize=4)
    axes[0].text(*seen(x, y - 0.25, z), "(X, Y, Z)", fontsize=8, ha="center")
    axes[0].set(aspect="equal", xlim=(-0.8, 3.9), ylim=(1.8, -1.4))
    axes[0].axis("off")
    pixel: Tensor = project_points(point, matrix)[0]
    grid(axes[1], 7, 5, 0.4)
    axes[1].plot(3, 2, "+", color="black")
    axes[1].text(2.85, 2.15, "(cx, cy)", fontsize=8, ha="right", va="top")
    axes[1].plot(*pixel[:, None].tolist(), "o", color="tab:red", markersize=4)
    axes[1].text(float(pixel[0]), float(pixel[1]) + 0.2, "(u, v)", fontsize=8, ha="center", va="top")
    return drawn


def main(folder: Path) -> None:
    """Write every figure into a folder."""
    for draw in FIGURES:
        drawn = draw()
        drawn.savefig(folder / f"conventions_{draw.__name__}.svg", metadata={"Date": None, "Creator": None})
        plt.close(drawn)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
