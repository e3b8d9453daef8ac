# SPDX-License-Identifier: Apache-2.0
"""Write `src/foveal/color/_colormap_tables.py` anew: `python -m tools.colormaps`.

The tables are samples of matplotlib's perceptual colormaps: viridis and plasma (S. van der Walt and N. Smith, CC0),
cividis (J. Nuñez, C. Anderton and R. Renslow, CC0), twilight (B. Goldowsky, CC0) and turbo (A. Mikhailov, Apache 2.0).
"""

from pathlib import Path

import matplotlib
import numpy as np

NAMES = ("viridis", "plasma", "cividis", "twilight", "turbo")
COLOURS = 64
HEADER = '''# SPDX-License-Identifier: Apache-2.0
"""Colormaps without a formula, 64 colours each: red, green and blue of a colour as four hexadecimal digits each.

Written by `python -m tools.colormaps`, which names the authors.
"""

TABLES = {
'''

if __name__ == "__main__":
    text = HEADER
    for name in NAMES:
        colours = matplotlib.colormaps[name](np.linspace(0, 1, COLOURS))[:, :3]
        digits = "".join(f"{round(value * 65535):04x}" for value in colours.ravel())
        lines = [f'        "{digits[i : i + 96]}"\n' for i in range(0, len(digits), 96)]
        text += f'    "{name}": (\n{"".join(lines)}    ),\n'
    target = Path(__file__).parent.parent / "src" / "foveal" / "color" / "_colormap_tables.py"
    target.write_text(text + "}\n")
