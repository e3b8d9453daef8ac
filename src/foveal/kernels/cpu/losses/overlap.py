# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the sizes of regions: logits are read once, and no map of probabilities or classes is written.

With probabilities p, the gradient G_c = kept (P_c + [c is the label] I_c) to the probabilities of a pixel, made of
those to the predicted regions (P) and the intersections (I), goes back to the logits as p_c (G_c - sum_k p_k G_k).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.losses._softmax import BLOCK, EASE, as_labels, as_planes, exponentials, ignored, largest, refuse

f32, f64 = np.float32, np.float64


def _accepts(pred: Tensor, target: Tensor, ignore_index: int | None) -> bool:
    return pred.dtype is torch.float32 and pred.numel() > 0


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.int64, torch.uint8):
        yield torch.zeros(1, 2, 8), torch.zeros(1, 8, dtype=dtype), -100


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    pred: Tensor,
    target: Tensor,
    ignore_index: int | None,
) -> tuple[Tensor | None, ...]:
    image, result = as_planes(pred), empty(*pred.shape)
    blocks = -(-image.shape[2] // BLOCK)
    parallel_for(
        _pull_back, image.shape[0] * blocks, blocks, image, as_labels(target), ignored(ignore_index),
        as_array(gradients[0]), as_array(gradients[1]), as_planes(result), work=image.size // EASE,
    )  # fmt: skip
    return result, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False, without_gradient=(2,))
def overlap(pred: Tensor, target: Tensor, ignore_index: int | None) -> tuple[Tensor, Tensor, Tensor]:
    """Take the softmax and add up in one pass."""
    image = as_planes(pred)
    images, classes, pixels = image.shape
    blocks = -(-pixels // BLOCK)
    sums = np.zeros((3, images * blocks, classes))
    outside = np.zeros(images * blocks, np.bool_)
    parallel_for(
        _add_up, images * blocks, blocks, image, as_labels(target), ignored(ignore_index), sums, outside,
        work=image.size // EASE,
    )  # fmt: skip
    refuse(outside, classes)
    sizes = (sums if blocks == 1 else sums.reshape(3, images, blocks, classes).sum(axis=2)).astype(f32)
    return torch.from_numpy(sizes[0]), torch.from_numpy(sizes[1]), torch.from_numpy(sizes[2])


@compile_kernel
def _add_up(start, stop, blocks, image, labels, ignore, sums, outside):
    classes, pixels = image.shape[1], image.shape[2]
    top, total, weights = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty((1, classes, BLOCK), f32)
    for block in range(start, stop):
        index, begin = block // blocks, block % blocks * BLOCK
        end = min(begin + BLOCK, pixels)
        largest(image, index, begin, end, top)
        exponentials(image, index, begin, end, top, weights, 0, 0, total)
        row, intersection, true = labels[index, begin:end], sums[0, block], sums[2, block]
        for j in range(row.shape[0]):
            # From here on the share of each weight, 0 at ignored pixels.
            total[j] = f32(0.0) if row[j] == ignore else f32(1.0) / total[j]
        for c in range(classes):
            weight, size = weights[0, c, 0 : end - begin], f32(0.0)
            for j in range(weight.shape[0]):
                # Selected, for NaN at ignored pixels is no share either.
                size += weight[j] * total[j] if total[j] != f32(0.0) else f32(0.0)
            sums[1, block, c] = size
        for j in range(row.shape[0]):
            label = row[j]
            if label == ignore:
                continue
            if label < 0 or label >= classes:
                outside[block] = True
                continue
            intersection[label] += f64(weights[0, label, j] * total[j])
            true[label] += 1.0


@compile_kernel
def _pull_back(start, stop, blocks, image, labels, ignore, to_intersection, to_predicted, result):
    classes, pixels = image.shape[1], image.shape[2]
    top, total, mean = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty(BLOCK, f32)
    for block in range(start, stop):
        index, begin = block // blocks, block % blocks * BLOCK
        end = min(begin + BLOCK, pixels)
        weights, row = result[index, :, begin:end], labels[index, begin:end]
        largest(image, index, begin, end, top)
        exponentials(image, index, begin, end, top, result, index, begin, total)
        for j in range(row.shape[0]):
            kept = row[j] != ignore
            total[j] = f32(1.0) / total[j] if kept else f32(0.0)
            mean[j] = to_intersection[index, row[j]] * weights[row[j], j] if kept else f32(0.0)
        for c in range(classes):
            weight, slope = result[index, c, begin:end], to_predicted[index, c]
            for j in range(weight.shape[0]):
                mean[j] += slope * weight[j]
        for j in range(row.shape[0]):
            mean[j] *= total[j]
            # In place of the largest logit: the label's own gradient, which the loop over the classes leaves out.
            top[j] = to_intersection[index, row[j]] * weights[row[j], j] * total[j] if row[j] != ignore else f32(0.0)
        for c in range(classes):
            weight, slope = result[index, c, begin:end], to_predicted[index, c]
            for j in range(weight.shape[0]):
                found = weight[j] * total[j] * (slope - mean[j])
                weight[j] = found if total[j] != f32(0.0) else f32(0.0)
        for j in range(row.shape[0]):
            if row[j] != ignore:
                weights[row[j], j] += top[j]
