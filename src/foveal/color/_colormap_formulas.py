# SPDX-License-Identifier: Apache-2.0
"""The 64 colours of each built-in colormap: by formula where one was published, else from a table."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from foveal.color._colormap_tables import TABLES

COLOURS = 64

Colour = tuple[float, float, float]


def base_colours(name: str) -> list[Colour]:
    """Return the 64 colours of a built-in colormap."""
    if name in TABLES:
        digits = TABLES[name]
        values = [int(digits[i : i + 4], 16) / 65535 for i in range(0, len(digits), 4)]
        return [(values[i], values[i + 1], values[i + 2]) for i in range(0, len(values), 3)]
    return [_FORMULAS[name](i / (COLOURS - 1)) for i in range(COLOURS)]


def _hot(x: float) -> Colour:
    """Black body: red, green and blue rise one after the other, over 24, 24 and 16 of the 64 colours."""
    step = round(x * (COLOURS - 1)) + 1
    return _clip(step / 24), _clip((step - 24) / 24), _clip((step - 48) / 16)


def _pink(x: float) -> Colour:
    """The square root of two parts of grey and one of `hot`."""
    red, green, blue = _hot(x)
    return math.sqrt((2 * x + red) / 3), math.sqrt((2 * x + green) / 3), math.sqrt((2 * x + blue) / 3)


def _hsv(x: float) -> Colour:
    """Hue, over 63/64 of a turn: red does not come twice."""
    hue = 6 * x * (COLOURS - 1) / COLOURS
    return _clip(abs(hue - 3) - 1), _clip(2 - abs(hue - 2)), _clip(2 - abs(hue - 4))


def _rainbow(x: float) -> Colour:
    """Number 33, 13, 10 of gnuplot's formulas."""
    return _clip(abs(2 * x - 0.5)), _clip(math.sin(math.pi * x)), _clip(math.cos(math.pi * x / 2))


def _ocean(x: float) -> Colour:
    """Number 23, 28, 3 of gnuplot's formulas."""
    return _clip(3 * x - 2), _clip(abs((3 * x - 1) / 2)), x


def _through(*anchors: tuple[float, float, float, float]) -> Callable[[float], Colour]:
    """Return the colormap that is linear between anchors (place, red, green, blue)."""

    def colour(x: float) -> Colour:
        for (left, *before), (right, *after) in pairwise(anchors):
            if x <= right:
                share = (x - left) / (right - left)
                red, green, blue = (b + (a - b) * share for b, a in zip(before, after, strict=True))
                return red, green, blue
        raise ValueError(f"no anchor after {x}")

    return colour


def _apart(*channels: Sequence[tuple[float, float]]) -> Callable[[float], Colour]:
    """Return the colormap whose channels are each linear between anchors (place, value) of their own."""
    red, green, blue = (_through(*((place, value, value, value) for place, value in anchors)) for anchors in channels)
    return lambda x: (red(x)[0], green(x)[1], blue(x)[2])


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)


_FORMULAS: dict[str, Callable[[float], Colour]] = {
    "autumn": lambda x: (1.0, x, 0.0),
    "bone": _through((0, 0, 0, 0), (23 / 63, 23 / 72, 23 / 72, 4 / 9), (47 / 63, 47 / 72, 7 / 9, 7 / 9), (1, 1, 1, 1)),
    "brg": _through((0.0, 0.0, 0.0, 1.0), (0.5, 1.0, 0.0, 0.0), (1.0, 0.0, 1.0, 0.0)),
    "cool": lambda x: (x, 1 - x, 1.0),
    "hot": _hot,
    "hsv": _hsv,
    "jet": _apart(
        ((0, 0), (0.35, 0), (0.66, 1), (0.89, 1), (1, 0.5)),
        ((0, 0), (0.125, 0), (0.375, 1), (0.64, 1), (0.91, 0), (1, 0)),
        ((0, 0.5), (0.11, 1), (0.34, 1), (0.65, 0), (1, 0)),
    ),
    "ocean": _ocean,
    "pink": _pink,
    "rainbow": _rainbow,
    "seismic": _through(
        (0.0, 0.0, 0.0, 0.3), (0.25, 0.0, 0.0, 1.0), (0.5, 1.0, 1.0, 1.0), (0.75, 1.0, 0.0, 0.0), (1.0, 0.5, 0.0, 0.0)
    ),
    "spring": lambda x: (1.0, x, 1 - x),
    "summer": lambda x: (x, 0.5 + x / 2, 0.4),
    "winter": lambda x: (0.0, x, 1 - x / 2),
}
