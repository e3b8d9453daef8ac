# SPDX-License-Identifier: Apache-2.0
"""Loops from soft counts of pairs to the information that two signals share, and back.

With shares p = c / T of the counts c, entropies H = -sum p log p of rows, columns and cells, and loss L(H1, H2, H12):
    dH / dc = (-log p - H) / T,  where p = 0 with 1 in the place of -log p: an empty bin has no slope of its own.
Most cells are empty, and take no logarithm.
"""

import math

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel

# A share of 1 must stay one: to divide by the total is not to multiply by its reciprocal.
SHARES = {"reassoc", "contract", "nsz"}


@compile_kernel(inline="always")
def _minus_log(count, total):
    return -math.log(count / total) if count != 0.0 else 1.0


@compile_kernel(fastmath=SHARES)
def _entropies(joint, first, second):
    """Fill the sums of rows and columns; return the sum of all, and the entropies of rows, columns and cells."""
    bins, total = joint.shape[0], 0.0
    second[:] = 0.0
    for a in range(bins):
        row, part = joint[a], 0.0
        for b in range(bins):
            part += row[b]
            second[b] += row[b]
        first[a] = part
        total += part
    along, across, both = 0.0, 0.0, 0.0
    if total == 0.0:
        return total, along, across, both
    for a in range(bins):
        row = joint[a]
        if first[a] == 0.0:
            continue
        along += first[a] / total * _minus_log(first[a], total)
        for b in range(bins):
            if row[b] != 0.0:
                both += row[b] / total * _minus_log(row[b], total)
    for b in range(bins):
        across += second[b] / total * _minus_log(second[b], total)
    return total, along, across, both


@compile_kernel(fastmath=SHARES)
def measure(start, stop, counts, known, normalized, losses):
    """Write the loss of every table, NaN where samples are not finite; without counts nothing is shared."""
    first, second = np.empty(counts.shape[1]), np.empty(counts.shape[1])
    for row in range(start, stop):
        _, along, across, both = _entropies(counts[row], first, second)
        shared = along + across - both
        if normalized:
            shared = (along + across) / both if both != 0.0 else 1.0
        losses[row] = -shared if known[row] else math.nan


@compile_kernel(fastmath=SHARES)
def slopes(start, stop, counts, normalized, gradient, result):
    """Write the derivatives of the losses by the counts, times a gradient."""
    bins = counts.shape[1]
    first, second = np.empty(bins), np.empty(bins)
    for row in range(start, stop):
        joint, table = counts[row], result[row]
        total, along, across, both = _entropies(joint, first, second)
        if total == 0.0 or (normalized and both == 0.0):
            table[:] = 0.0
            continue
        scale = np.float64(gradient[row]) / total
        by_sides, by_both = (-scale, scale)
        if normalized:
            by_sides, by_both = -scale / both, scale * (along + across) / (both * both)
        for b in range(bins):
            second[b] = by_sides * (_minus_log(second[b], total) - across) - by_both * both
        for a in range(bins):
            cells, found = joint[a], table[a]
            offset = by_sides * (_minus_log(first[a], total) - along)
            for b in range(bins):
                found[b] = offset + second[b] + by_both * _minus_log(cells[b], total)
