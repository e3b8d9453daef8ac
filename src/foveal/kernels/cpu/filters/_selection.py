# SPDX-License-Identifier: Apache-2.0
"""What the loops of medians share: the smaller and the larger, rows with their surroundings, and NaN.

Minimum and maximum lose NaN or move it: rows that hold one are found beside the loops, and the results mended.
"""

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import copy


@compile_kernel(inline="always")
def lower(a, b):
    """Return the smaller of two numbers."""
    return a if a < b else b


@compile_kernel(inline="always")
def upper(a, b):
    """Return the larger of two numbers."""
    return a if a > b else b


@compile_kernel(inline="always")
def middle_of_three(a, b, c):
    """Return the median of three numbers."""
    return upper(lower(a, b), lower(upper(a, b), c))


@compile_kernel(**BARE)
def surrounded(row, first, lead, columns, result):
    """Copy part of a row that is surrounded by `lead` pixels, from column `first` on; zeros lie outside."""
    size = result.shape[0]
    begin, end = max(lead - first, 0), min(lead + row.shape[0] - first, size)
    if begin < end:
        copy(row[first + begin - lead : first + end - lead], result[begin:end])
    for j in range(begin):
        source = columns[first + j]
        result[j] = row[source] if source >= 0 else row[0] * 0
    for j in range(end, size):
        source = columns[first + j]
        result[j] = row[source] if source >= 0 else row[0] * 0


@compile_kernel(**BARE)
def holds_nan(row):
    """Say whether a row may hold NaN (an infinity is taken for one)."""
    zero = row[0] * 0
    total = zero - zero
    for j in range(row.shape[0]):
        total += row[j] * 0
    return total != total


@compile_kernel(**BARE)
def spread_nan(plane, result, first, last, rows, columns, height, width):
    """Write NaN to the pixels of rows first to last whose window holds one."""
    found = False
    for r in range(first, last + height - 1):
        found = found or (rows[r] >= 0 and holds_nan(plane[rows[r]]))
    if not found:
        return
    for y in range(first, last):
        for x in range(result.shape[1]):
            for i in range(height):
                for j in range(width):
                    row, column = rows[y + i], columns[x + j]
                    if row >= 0 and column >= 0 and plane[row, column] != plane[row, column]:
                        result[y, x] = plane[row, column]
