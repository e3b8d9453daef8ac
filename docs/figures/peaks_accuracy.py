# SPDX-License-Identifier: Apache-2.0
"""Measure every refinement of `foveal.peaks`: draws `peaks_accuracy.png` and writes the tables of `docs/peaks.md`.

Run by `python docs/figures/peaks_accuracy.py`.
"""

import math
import re
from pathlib import Path

import matplotlib as mpl
import torch
from torch import Tensor

from foveal.peaks import find_global_peaks, find_local_peaks
from foveal.peaks.refinement import REFINEMENTS

mpl.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
SIZE, NOISE, TRIALS = 48, 0.02, 4000
BOUND = math.sqrt(2 / math.pi) * NOISE
COLOURS = dict(zip(REFINEMENTS, ("0.6", "tab:brown", "tab:orange", "tab:green", "tab:blue", "tab:red"), strict=True))


def draw_maps(centres: Tensor, sigma: float, size: int = SIZE) -> Tensor:
    """Return a map of a Gaussian of height 1 at each centre (x, y), (1, n, size, size) in float32."""
    pixels = torch.arange(size, dtype=torch.float64)
    along = torch.exp(-((pixels - centres[..., None]) ** 2) / (2 * sigma**2))
    return (along[:, 1, :, None] * along[:, 0, None, :]).float()[None]


def draw_centres(low: float, high: float, count: int = TRIALS) -> Tensor:
    """Return random points in a square, (n, 2)."""
    return low + (high - low) * torch.rand(count, 2, dtype=torch.float64)


def largest_error(refinement: str | None, sigma: float, centres: Tensor) -> float:
    """Return the largest error of a coordinate without noise."""
    points, _ = find_global_peaks(draw_maps(centres, sigma), refinement=refinement)
    return (points[0] - centres).abs().max().item()


def noise_over_bound(refinement: str | None, sigma: float) -> float:
    """Return the RMS error of a coordinate under white noise, as a multiple of the Cramer-Rao bound."""
    centres = draw_centres(SIZE / 2 - 0.5, SIZE / 2 + 0.5)
    maps = draw_maps(centres, sigma)
    points, _ = find_global_peaks(maps + NOISE * torch.randn(maps.shape), refinement=refinement)
    return (points[0] - centres).square().mean().sqrt().item() / BOUND


def neighbour_error(refinement: str | None, distance: float, sigma: float = 2.0) -> float:
    """Return the largest error where a second peak of the same height lies at a distance in standard deviations."""
    angles = 2 * math.pi * torch.rand(500, dtype=torch.float64)
    centres = draw_centres(31.5, 32.5, 500)
    others = centres + distance * sigma * torch.stack([angles.cos(), angles.sin()], dim=-1)
    maps = torch.maximum(draw_maps(centres, sigma, 64), draw_maps(others, sigma, 64))
    points, _, _, channels = find_local_peaks(maps, 0.5, refinement)
    channels = channels.long()
    return torch.minimum((points - centres[channels]).norm(dim=1), (points - others[channels]).norm(dim=1)).max().item()


def plot(path: Path) -> None:
    """Draw error against true offset for three widths, and noise against the bound."""
    figure, axes = plt.subplots(1, 4, figsize=(13, 3.4), layout="constrained")
    offsets = torch.linspace(-0.49, 0.49, 99, dtype=torch.float64)
    centres = torch.stack([24 + offsets, torch.full_like(offsets, 24.2)], dim=-1)
    for axis, sigma in zip(axes, (1.5, 2.5, 5.0), strict=False):
        for refinement in REFINEMENTS:
            points, _ = find_global_peaks(draw_maps(centres, sigma), refinement=refinement)
            axis.plot(offsets, points[0, :, 0] - centres[:, 0], color=COLOURS[refinement], label=str(refinement))
        axis.set(title=f"no noise, sigma {sigma:g}", xlabel="true offset (px)", ylim=(-0.55, 0.55))
    axes[0].set_ylabel("error of x (px)")
    sigmas = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5]
    for refinement in REFINEMENTS:
        errors = [noise_over_bound(refinement, sigma) for sigma in sigmas]
        axes[3].semilogy(sigmas, errors, color=COLOURS[refinement], label=str(refinement))
    axes[3].axhline(1, color="black", linestyle=":")
    axes[3].set(title=f"noise {NOISE:g}: RMS error / bound", xlabel="sigma (px)")
    axes[3].legend(fontsize=8)
    figure.savefig(path, dpi=90)


def table(title: str, columns: list[str], rows: dict[str | None, list[str]]) -> str:
    """Return a Markdown table with a row per refinement."""
    lines = [f"| {title} | {' | '.join(columns)} |", f"|---|{'--:|' * len(columns)}"]
    lines += [f"| `{name!r}` | {' | '.join(cells)} |".replace("'", '"') for name, cells in rows.items()]
    return "\n".join(lines)


def tables() -> str:
    """Measure and return both tables."""
    inside, anywhere = draw_centres(3, SIZE - 4), draw_centres(-0.5, SIZE - 0.5)
    border = anywhere[((anywhere < 2) | (anywhere > SIZE - 3)).any(dim=1)]
    clean, noisy = {}, {}
    for refinement in REFINEMENTS:
        errors = [largest_error(refinement, sigma, inside) for sigma in (1, 1.5, 2.5, 5)]
        errors.append(max(largest_error(refinement, sigma, border) for sigma in (1, 2.5, 5)))
        errors += [neighbour_error(refinement, distance) for distance in (3, 5)]
        clean[refinement] = ["< 0.0001" if error < 1e-4 else f"{error:.3f}" for error in errors]
        noisy[refinement] = [f"{noise_over_bound(refinement, sigma):.2f}" for sigma in (1, 1.5, 2, 3, 4, 5)]
    titles = [f"sigma {sigma}" for sigma in (1, 1.5, 2.5, 5)] + ["at the border", "peak at 3 sigma", "peak at 5 sigma"]
    return "\n\n".join(
        [
            table("largest error, no noise (px)", titles, clean),
            table(f"RMS error / bound, noise {NOISE:g}", [f"sigma {s}" for s in (1, 1.5, 2, 3, 4, 5)], noisy),
        ]
    )


def main() -> None:
    """Draw the figure and put the tables in their place on the page."""
    torch.manual_seed(0)
    plot(HERE / "peaks_accuracy.png")
    page = HERE.parent / "peaks.md"
    text = re.sub(r"(<!-- tables -->\n).*?(<!-- end -->)", rf"\g<1>{tables()}\n\g<2>", page.read_text(), flags=re.S)
    page.write_text(text)


if __name__ == "__main__":
    main()
