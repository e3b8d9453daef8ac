# SPDX-License-Identifier: Apache-2.0
"""The command line: `foveal peaks`, `foveal register`, `foveal depth`, `foveal demo`, `foveal warmup`."""

import importlib.util
import sys

# Import names of the extra `apps`.
REQUIRED = ("typer", "rich", "PIL", "matplotlib", "pyarrow")


def main() -> None:
    """Run the command line; say what to install where the extra `apps` is missing."""
    missing = [name for name in REQUIRED if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(f"foveal: the command line needs {', '.join(missing)}: python -m pip install 'foveal[apps]'")
    from foveal.cli.application import application

    application(prog_name="foveal")
