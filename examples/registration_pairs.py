# SPDX-License-Identifier: Apache-2.0
"""Register 40 pairs of photographs that are known homographies apart, and compare with OpenCV's ECC.

    python examples/registration_pairs.py [--pairs 40] [--first-order] [--json FILE]

Each pair is one of scikit-image's photographs and its warp: corners moved by up to 15% of the width, brightness and
contrast changed, noise added to both. A pair counts as registered when its corners come out within one pixel, in the
mean over the four.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import torch
from torch import Tensor

from foveal.apps.registration import RegistrationError, register

PHOTOGRAPHS = (
    "astronaut",
    "camera",
    "chelsea",
    "coffee",
    "rocket",
    "coins",
    "moon",
    "hubble_deep_field",
    "immunohistochemistry",
    "retina",
)
WIDTH, SHIFT, NOISE = 512, 0.15, 0.02


def photograph(name: str) -> np.ndarray:
    """Return a photograph in grey, float32 in [0, 1], `WIDTH` pixels wide."""
    image = getattr(skimage.data, name)()
    grey = image if image.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(image[..., :3]), cv2.COLOR_RGB2GRAY)
    height = round(grey.shape[0] * WIDTH / grey.shape[1])
    return cv2.resize(grey, (WIDTH, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def make_pair(name: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the fixed image, the moving one, and the homography from pixels of the fixed to those of the moving."""
    fixed = photograph(name)
    height, width = fixed.shape
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    moved = corners + random.uniform(-SHIFT * width, SHIFT * width, (4, 2)).astype(np.float32)
    truth = cv2.getPerspectiveTransform(corners, moved)
    moving = cv2.warpPerspective(fixed, truth, (width, height), flags=cv2.INTER_CUBIC)
    moving = moving * random.uniform(0.8, 1.2) + random.uniform(-0.1, 0.1)
    fixed, moving = (np.clip(i + random.normal(0, NOISE, i.shape), 0, 1).astype(np.float32) for i in (fixed, moving))
    return fixed, moving, truth


def corner_error(found: np.ndarray, truth: np.ndarray, shape: tuple[int, ...]) -> float:
    """Return the mean distance, in pixels, between where two homographies send the corners of an image."""
    bottom, right = shape[0] - 1.0, shape[1] - 1.0
    corners = np.array([[0, 0, 1], [right, 0, 1], [right, bottom, 1], [0, bottom, 1]])
    places = [(matrix @ corners.T)[:2] / (matrix @ corners.T)[2] for matrix in (found, truth)]
    return float(np.linalg.norm(places[0] - places[1], axis=0).mean())


def by_foveal(fixed: np.ndarray, moving: np.ndarray, method: str = "gauss-newton") -> np.ndarray | None:
    """Register by foveal."""
    images: list[Tensor] = [torch.from_numpy(image)[None] for image in (fixed, moving)]
    try:
        return register(images[0], images[1], method=method).matrix.numpy()
    except RegistrationError:
        return None


def by_ecc(fixed: np.ndarray, moving: np.ndarray) -> np.ndarray | None:
    """Register by OpenCV, from the identity."""
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 200, 1e-6)
    start = np.eye(3, dtype=np.float32)
    try:
        return cv2.findTransformECC(fixed, moving, start, cv2.MOTION_HOMOGRAPHY, criteria, None, 5)[1]
    except cv2.error:
        return None


def main() -> None:
    """Print a row for each method, and write the numbers where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--first-order", action="store_true", help="also run the gradient descent, which takes minutes")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(2)
    cv2.setNumThreads(2)
    random = np.random.default_rng(0)
    pairs = [make_pair(PHOTOGRAPHS[i % len(PHOTOGRAPHS)], random) for i in range(options.pairs)]
    methods: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray | None]] = {
        "Gauss-Newton": by_foveal,
        "ECC": by_ecc,
    }
    if options.first_order:
        methods["Adam"] = lambda fixed, moving: by_foveal(fixed, moving, "adam")
    results = {}
    for name, method in methods.items():
        method(*pairs[0][:2])
        errors, seconds = [], []
        for fixed, moving, truth in pairs:
            start = time.perf_counter()
            found = method(fixed, moving)
            seconds.append(time.perf_counter() - start)
            errors.append(np.inf if found is None else corner_error(found, truth, fixed.shape))
        good = [error for error in errors if error < 1]
        results[name] = {
            "registered": len(good), "pairs": len(pairs), "corner error": float(np.mean(good)) if good else None,
            "seconds": float(np.median(seconds)),
        }  # fmt: skip
        print(f"{name:14s} {len(good)} of {len(pairs)} registered, corner error {np.mean(good or [np.nan]):.3f} px, "
              f"{np.median(seconds):.3f} s a pair", [f"{e:.2f}" for e in errors], flush=True)  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
