# SPDX-License-Identifier: Apache-2.0
"""Errors of `foveal.apps.depth` on rendered scenes, and its time: `python -m benchmarks.depth [SCENE ...]`."""

import argparse
import runpy
import time
from pathlib import Path

import torch

from foveal.apps.depth import Settings, estimate_depth

EXAMPLE = Path(__file__).parent.parent / "examples" / "depth_scenes.py"


def main() -> None:
    """Print a table: for each scene and method the mean relative error and the time."""
    example = runpy.run_path(str(EXAMPLE))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(example['SCENES'])}; by default all")
    parser.add_argument("--methods", nargs="+", default=["adam", "sgd"], choices=["adam", "sgd"])
    parser.add_argument("--width", type=int, default=320, help="columns of a view; rows are three quarters of it")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    if unknown := set(options.scenes) - set(example["SCENES"]):
        parser.error(f"no such scene: {', '.join(unknown)}")
    torch.set_num_threads(options.threads)
    print("scene    method   error   over 5%   seconds   CPU seconds")
    for name in options.scenes or example["SCENES"]:
        scene, exact = example["render"](name, options.width, options.width * 3 // 4)
        for method in options.methods:
            start, used = time.perf_counter(), time.process_time()
            found = estimate_depth(scene, Settings(method=method)).depth
            seconds, used = time.perf_counter() - start, time.process_time() - used
            error = (found - exact).abs() / exact
            wrong = (error > 0.05).float().mean()
            print(f"{name:8s} {method:6s} {error.mean():7.2%}  {wrong:8.2%} {seconds:9.1f} {used:13.1f}", flush=True)


if __name__ == "__main__":
    main()
