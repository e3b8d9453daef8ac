# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of Lovasz losses: errors, their order by two or three digits, and slopes, class by class.

Errors of probabilities are put in order as multiples of 2^-22, about the rounding error of a float32 probability; hinge
errors, which have no bound, by all their bits. An image at a time passes through one scratch plane per class.
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
from foveal.kernels.cpu._power import _as_bits
from foveal.kernels.cpu.losses._lovasz_loops import DIGIT, FOREGROUND, KEY, SIZE, move, walk
from foveal.kernels.cpu.losses._reduction import image_gradients, reduced
from foveal.kernels.cpu.losses._softmax import (
    BLOCK,
    Array,
    as_labels,
    as_planes,
    exponentials,
    ignored,
    is_constant,
    is_label,
    largest,
    refuse,
)

f32, i32, i64, u64 = np.float32, np.int32, np.int64, np.uint64

LEVELS = i32((1 << 2 * DIGIT) - 1)
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
# A pixel takes some ten nanoseconds. With the gradient, two threads are slower than one up to some 5,000 of them: it is
# three loops, each of which wakes the second thread.
EFFORT = 3


def _accepts(pred: Any, target: Any, weight: Any, reduction: Any, ignore_index: int | None) -> bool:
    return (
        pred.dtype is torch.float32
        and pred.ndim >= 2
        and pred.shape[1] >= 2
        and pred.numel() > 0
        and isinstance(target, Tensor)
        and target.dtype in INTEGERS
        and target.shape == (pred.shape[0], *pred.shape[2:])
        and is_constant(weight, pred.shape[1])
        and is_label(ignore_index)
        and reduction in ("none", "mean", "sum")
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.int64, torch.uint8):
        yield torch.zeros(1, 2, 8), torch.zeros(1, 8, dtype=dtype), None, "mean", -100


def _softmax_slopes(image: Array, labels: Array, ignore: np.int64, planes: Array, codes: Array) -> Array:
    """Fill the planes of one image's classes with slopes, and `codes` with labels, -1 where ignored; return losses."""
    classes, pixels = image.shape[1:]
    blocks = -(-pixels // BLOCK)
    outside = np.zeros(blocks, np.bool_)
    parallel_for(_write_errors, blocks, image, labels, ignore, planes, codes, outside, work=image.size)
    refuse(outside, classes)
    losses = np.zeros(classes)
    parallel_for(_softmax_classes, classes, codes, planes, losses, work=image.size * EFFORT)
    return losses


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    pred: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: str,
    ignore_index: int | None,
) -> tuple[Tensor | None, ...]:
    image, labels, result = as_planes(pred), as_labels(target), empty(*pred.shape)
    images, classes, pixels = image.shape
    scales = image_gradients(gradients[0], reduction, images)
    factors = np.ones(classes, f32) if weight is None else as_array(weight)
    planes, codes = as_planes(result), np.empty(pixels, i32)
    for i in range(images):
        part = planes[i : i + 1]
        _softmax_slopes(image[i : i + 1], labels[i], ignored(ignore_index), part[0], codes)
        scale = factors * (scales[i] / f32(classes))
        blocks = -(-pixels // BLOCK)
        parallel_for(_pull_back, blocks, image[i : i + 1], codes, scale, part, work=part.size)
    return result, *[None] * 4


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def lovasz_softmax_loss(
    pred: Tensor, target: Tensor, weight: Tensor | None, reduction: str, ignore_index: int | None
) -> Tensor:
    """Take the softmax of an image, then the loss of each class."""
    image, labels = as_planes(pred), as_labels(target)
    images, classes, pixels = image.shape
    planes, codes = empty(classes, pixels).numpy(), np.empty(pixels, i32)
    losses = np.zeros((images, classes))
    for i in range(images):
        losses[i] = _softmax_slopes(image[i : i + 1], labels[i], ignored(ignore_index), planes, codes)
    if weight is not None:
        losses *= as_array(weight)
    return reduced(losses.mean(axis=1), reduction)


def _accepts_hinge(pred: Any, target: Any, reduction: Any, ignore_index: int | None) -> bool:
    return (
        pred.dtype is torch.float32
        and pred.ndim == 4
        and pred.shape[1] == 1
        and pred.numel() > 0
        and isinstance(target, Tensor)
        and target.dtype in (*INTEGERS, torch.bool, torch.float32)
        and target.shape == (pred.shape[0], *pred.shape[2:])
        and is_label(ignore_index)
        and reduction in ("none", "mean", "sum")
    )


def _hinge_examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.int64, torch.uint8, torch.float32):
        yield torch.zeros(1, 1, 2, 8), torch.zeros(1, 2, 8, dtype=dtype), "mean", -100


def _hinge_slopes(pred: Tensor, target: Tensor, ignore_index: int | None, slopes: Array) -> Array:
    """Fill rows (images, pixels) with the slopes of the loss by each logit; return losses."""
    logits, labels = as_array(pred).reshape(slopes.shape), as_labels(target)
    labels = labels.view(np.uint8) if labels.dtype == np.bool_ else labels
    ignore: Any = ignored(ignore_index)
    if target.is_floating_point():
        ignore = f32(np.nan if ignore_index is None else ignore_index)
    losses = np.zeros(logits.shape[0])
    parallel_for(_hinge_images, losses.size, logits, labels, ignore, slopes, losses, work=logits.size * EFFORT)
    return losses


def _hinge_adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    pred: Tensor,
    target: Tensor,
    reduction: str,
    ignore_index: int | None,
) -> tuple[Tensor | None, ...]:
    result = empty(*pred.shape)
    rows = result.numpy().reshape(pred.shape[0], -1)
    _hinge_slopes(pred, target, ignore_index, rows)
    rows *= image_gradients(gradients[0], reduction, pred.shape[0])[:, None]
    return result, *[None] * 3


@kernel(accepts=_accepts_hinge, adjoint=_hinge_adjoint, examples=_hinge_examples, keep_outputs=False)
def lovasz_hinge_loss(pred: Tensor, target: Tensor, reduction: str, ignore_index: int | None) -> Tensor:
    """Put the errors of each image in order, and add them up."""
    slopes = empty(pred.shape[0], pred.shape[2] * pred.shape[3]).numpy()
    return reduced(_hinge_slopes(pred, target, ignore_index, slopes), reduction)


@compile_kernel
def _write_errors(start, stop, image, labels, ignore, planes, codes, outside):
    classes, pixels = image.shape[1], image.shape[2]
    top, total, weights = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty((1, classes, BLOCK), f32)
    for block in range(start, stop):
        begin = block * BLOCK
        end = min(begin + BLOCK, pixels)
        largest(image, 0, begin, end, top)
        exponentials(image, 0, begin, end, top, weights, 0, 0, total)
        row, code = labels[begin:end], codes[begin:end]
        for j in range(row.shape[0]):
            total[j] = f32(1.0) / total[j]
        for c in range(classes):
            weight, error = weights[0, c, 0 : end - begin], planes[c, begin:end]
            for j in range(error.shape[0]):
                error[j] = weight[j] * total[j]
        for j in range(row.shape[0]):
            label = i64(row[j])
            code[j] = -1
            if label == ignore:
                continue
            if label < 0 or label >= classes:
                outside[block] = True
                continue
            code[j] = label
            planes[label, begin + j] = f32(1.0) - planes[label, begin + j]


@compile_kernel
def _softmax_classes(start, stop, codes, planes, losses):
    pixels = codes.shape[0]
    items, moved = np.empty(pixels, u64), np.empty(pixels, u64)
    starts, ranks = np.empty(SIZE, i32), np.empty((SIZE, 2), i32)
    for c in range(start, stop):
        errors, count, size = planes[c], 0, 0
        for j in range(pixels):
            own = codes[j] == c
            size += own
            # Of NaN, any number: the sum will tell.
            level = i32(errors[j] * f32(LEVELS) + f32(0.5))
            level = min(max(level, i32(0)), LEVELS)
            items[count] = (u64(own) << FOREGROUND) | (u64(LEVELS - level) << KEY) | u64(j)
            # An error of 0 comes last, adds nothing, and has no slope.
            count += codes[j] >= 0 and errors[j] != f32(0.0)
            errors[j] = f32(0.0) if codes[j] < 0 else errors[j]
        move(items, moved, count, KEY, starts)
        losses[c] = walk(moved, count, KEY + u64(DIGIT), size, errors, ranks)


@compile_kernel
def _pull_back(start, stop, image, codes, scale, result):
    """Turn the slopes by the errors into those by the logits."""
    classes, pixels = image.shape[1], image.shape[2]
    top, total, weights = np.empty(BLOCK, f32), np.empty(BLOCK, f32), np.empty((1, classes, BLOCK), f32)
    mean = np.empty(BLOCK, f32)
    for block in range(start, stop):
        begin = block * BLOCK
        end = min(begin + BLOCK, pixels)
        largest(image, 0, begin, end, top)
        exponentials(image, 0, begin, end, top, weights, 0, 0, total)
        code = codes[begin:end]
        for j in range(code.shape[0]):
            total[j] = f32(1.0) / total[j] if code[j] >= 0 else f32(0.0)
            mean[j] = f32(0.0)
            if code[j] >= 0:
                # The error of the label falls with its probability.
                result[0, code[j], begin + j] = -result[0, code[j], begin + j]
        for c in range(classes):
            weight, slope, factor = weights[0, c, 0 : end - begin], result[0, c, begin:end], scale[c]
            for j in range(slope.shape[0]):
                slope[j] = factor * slope[j]
                mean[j] += slope[j] * weight[j] * total[j]
        for c in range(classes):
            weight, slope = weights[0, c, 0 : end - begin], result[0, c, begin:end]
            for j in range(slope.shape[0]):
                # Selected, for NaN at ignored pixels has no slope either.
                found = weight[j] * total[j] * (slope[j] - mean[j])
                slope[j] = found if total[j] != f32(0.0) else f32(0.0)


@compile_kernel
def _hinge_images(start, stop, logits, labels, ignore, slopes, losses):
    pixels = logits.shape[1]
    items, moved = np.empty(pixels, u64), np.empty(pixels, u64)
    starts, ranks = np.empty(SIZE, i32), np.empty((SIZE, 2), i32)
    for index in range(start, stop):
        logit, label, errors, count, size = logits[index], labels[index], slopes[index], 0, 0
        for j in range(pixels):
            own, kept = label[j] == 1, label[j] != ignore
            own = own and kept
            error = f32(1.0) - (logit[j] if own else -logit[j])
            error = f32(0.0) if error <= f32(0.0) or not kept else error
            size += own
            errors[j] = error
            bits = u64(0x7FFFFFFF) - (u64(_as_bits(error)) & u64(0x7FFFFFFF))
            items[count] = (u64(own) << FOREGROUND) | (bits << KEY) | u64(j)
            count += error != f32(0.0)
        move(items, moved, count, KEY, starts)
        move(moved, items, count, KEY + u64(DIGIT), starts)
        losses[index] = walk(items, count, KEY + u64(2 * DIGIT), size, errors, ranks)
        for j in range(pixels):
            errors[j] = -errors[j] if label[j] == 1 else errors[j]
