# SPDX-License-Identifier: Apache-2.0
"""Write `docs/surface.txt`, the committed list of public names, anew: `python -m tools.surface`."""

from pathlib import Path

from tests.test_layout import public_names

if __name__ == "__main__":
    target = Path(__file__).parent.parent / "docs" / "surface.txt"
    target.write_text("".join(f"{name}\n" for name in sorted(public_names())))
