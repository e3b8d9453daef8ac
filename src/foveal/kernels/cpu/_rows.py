# SPDX-License-Identifier: Apache-2.0
"""Loops over rows, of any length, that operations over windows share."""

from foveal.kernels.cpu._compile import BARE, compile_kernel


@compile_kernel(**BARE)
def copy(row, result):
    """Copy a row."""
    for j in range(result.shape[0]):
        result[j] = row[j]


@compile_kernel(**BARE)
def set_all(row, value):
    """Set a row to a value."""
    for j in range(row.shape[0]):
        row[j] = value


@compile_kernel(inline="always")
def row_at(image, row, outside):
    """Return a row of one image, or the row outside it."""
    if row < 0:
        return outside
    return image[row]


@compile_kernel(**BARE)
def surround(row, lead, columns, outside):
    """Fill the columns around those of the image in a surrounded row."""
    width = row.shape[0]
    inside = row[lead:width]
    for j in range(lead):
        source = columns[j]
        row[j] = outside if source < 0 else inside[source]
    for j in range(width - 1, lead - 1, -1):
        source = columns[j]
        if source == j - lead:
            break
        row[j] = outside if source < 0 else inside[source]
