# SPDX-License-Identifier: Apache-2.0
"""Errors of rotations, translations and relative poses."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_real, check_same_shape, check_scalar, check_shape
from foveal._dtype import narrow, widen
from foveal._op import op


@op
def angle_error_mat(R1: Float[Tensor, "*batch 3 3"], R2: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch"]:
    """Return the angle of the rotation between two rotations, in degrees.

    Args:
        R1: rotation matrices, (*, 3, 3).
        R2: rotation matrices of the same shape.

    Returns:
        Angles in [0, 180], (*); half precision is computed in float32.

    Raises:
        TypeError: an argument is not of a floating-point dtype.
        ValueError: a shape is wrong, or devices differ.

    Convention: the gradient at 0 and 180 degrees, where the angle has a kink, is 0.

    >>> angle_error_mat(torch.eye(3), torch.diag(torch.tensor([1.0, -1.0, -1.0])))
    tensor(180.)

    Source: Huynh 2009, "Metrics for 3D rotations", section 3.6; sine and cosine are those of Rodrigues' formula.
    """
    check_floating(R1, "R1")
    check_floating(R2, "R2")
    check_shape(R1, "R1", "*", 3, 3)
    check_same_shape(R2, "R2", R1)
    first, second, dtype = widen(R1, R2)
    relative = first.mT @ second
    # The sine from the skew part: small angles would drown in the rounding of the cosine.
    skew = relative - relative.mT
    sine = torch.linalg.vector_norm(torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], dim=-1), dim=-1)
    cosine = relative.diagonal(dim1=-2, dim2=-1).sum(dim=-1) - 1
    return narrow(torch.rad2deg(torch.atan2(sine, cosine)), dtype)


@op
def angle_error_vec(v1: Float[Tensor, "*batch 3"], v2: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
    """Return the angle between two directions, in degrees.

    Args:
        v1: vectors of any length, (*, 3).
        v2: vectors of the same shape.

    Returns:
        Angles in [0, 180], (*); half precision is computed in float32. A vector of length 0 has none: NaN.

    Raises:
        TypeError: an argument is not of a floating-point dtype.
        ValueError: a shape is wrong, or devices differ.

    Convention: the gradient at 0 and 180 degrees, where the angle has a kink, and to vectors of length 0 is 0.

    >>> angle_error_vec(torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 2.0, 0.0]))
    tensor(90.)

    Source: Kahan 2006, "How futile are mindless assessments of roundoff", section 12.
    """
    check_floating(v1, "v1")
    check_floating(v2, "v2")
    check_shape(v1, "v1", "*", 3)
    check_same_shape(v2, "v2", v1)
    first, second, dtype = widen(v1, v2)
    (first, first_empty), (second, second_empty) = _direction(first), _direction(second)
    # Not by cross and inner product: equal vectors would leave rounding, and its slope, where the difference is 0.
    apart, together = (torch.linalg.vector_norm(vector, dim=-1) for vector in (first - second, first + second))
    angle = torch.rad2deg(2 * torch.atan2(apart, together))
    return narrow(torch.where(first_empty | second_empty, torch.nan, angle), dtype)


@op
def pose_errors(
    P: Float[Tensor, "*batch rows 4"], P_gt: Float[Tensor, "*batch rows 4"], fold_translation: bool = True
) -> dict[str, Float[Tensor, " poses"]]:
    """Return the errors in rotation and in the direction of translation of relative poses, in degrees.

    Args:
        P: estimated poses [R | t], (3, 4), (4, 4), (B, 3, 4) or (B, 4, 4); a fourth row is not read.
        P_gt: right poses of the same shape.
        fold_translation: take the translation and its opposite for the same, as an essential matrix does: errors are
            then at most 90 degrees.

    Returns:
        "R_err" (as `angle_error_mat`), "t_err" (as `angle_error_vec`, NaN for a translation of 0) and "max_err", the
        larger one, each (B), of one pose (1).

    Raises:
        TypeError: an argument is not of a floating-point dtype.
        ValueError: a shape is wrong, or devices differ.

    >>> pose = torch.tensor([[1.0, 0.0, 0.0, 3.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    >>> pose_errors(pose, -pose, fold_translation=False)["t_err"]
    tensor([180.])

    Source: Yi et al. 2018, "Learning to find good correspondences", section 4.2.
    """
    check_floating(P, "P")
    check_floating(P_gt, "P_gt")
    if P.ndim not in (2, 3) or P.shape[-2] not in (3, 4) or P.shape[-1] != 4:
        raise ValueError(f"P must have shape (3, 4), (4, 4), (B, 3, 4) or (B, 4, 4), got {tuple(P.shape)}")
    check_same_shape(P_gt, "P_gt", P)
    found, right = (pose[..., :3, :].reshape(-1, 3, 4) for pose in (P, P_gt))
    rotation = angle_error_mat.reference(found[..., :3], right[..., :3])
    translation = angle_error_vec.reference(found[..., 3], right[..., 3])
    if fold_translation:
        translation = torch.minimum(translation, 180 - translation)
    return {"R_err": rotation, "t_err": translation, "max_err": torch.maximum(rotation, translation)}


@op
def translation_ate(t: Float[Tensor, "*batch 3"], t_gt: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*errors"]:
    """Return the distance between two translations.

    Args:
        t: estimated translations, (*, 3).
        t_gt: right translations of the same shape and in the same units.

    Returns:
        Distances, (*), of one translation (1); half precision is computed in float32.

    Raises:
        TypeError: an argument is not of a floating-point dtype.
        ValueError: a shape is wrong, or devices differ.

    Convention: nothing is aligned; equal translations have a gradient of 0.

    >>> translation_ate(torch.zeros(3), torch.tensor([3.0, 4.0, 0.0]))
    tensor([5.])

    Source: Sturm et al. 2012, "A benchmark for the evaluation of RGB-D SLAM systems", equation 3.
    """
    check_floating(t, "t")
    check_floating(t_gt, "t_gt")
    check_shape(t, "t", "*", 3)
    check_same_shape(t_gt, "t_gt", t)
    found, right, dtype = widen(t, t_gt)
    errors = narrow(torch.linalg.vector_norm(found - right, dim=-1), dtype)
    return errors.reshape(1) if t.ndim == 1 else errors


def auc_from_errors(errors: Tensor, thresholds: float | Sequence[float] = (1, 3, 5, 10)) -> dict[float, float]:
    """Return the area under the curve of recall over error, up to each threshold.

    Args:
        errors: errors of any shape, none negative; infinite ones are failures.
        thresholds: one or several positive numbers in the units of the errors.

    Returns:
        Percentages in [0, 100] by threshold: 0 without errors, NaN if one of the errors is NaN.

    Raises:
        TypeError: `errors` is no tensor of real numbers, or a threshold no number.
        ValueError: a threshold is not positive, or there is none.

    Convention: the recall rises along straight lines from (0, 0) through (k-th least error, k / n), and stays after the
    last error below the threshold.

    >>> auc_from_errors(torch.tensor([0.0, 2.0]), thresholds=4.0)
    {4.0: 87.5}

    Source: Sarlin et al. 2020, "SuperGlue", section 5.2.
    """
    check_real(errors, "errors")
    limits = list(thresholds) if isinstance(thresholds, Sequence) else [thresholds]
    if not limits:
        raise ValueError("thresholds must not be empty")
    for limit in limits:
        check_scalar(limit, "thresholds", positive=True)
    # The result is read from the device anyway: in NumPy, whose calls on few numbers are the cheaper ones.
    found = errors.detach().cpu().double().flatten().numpy()
    limit = np.array([float(limit) for limit in limits])
    place = np.concatenate([[0.0], np.sort(found[found < limit.max()])])
    recall = np.arange(len(place)) / max(len(found), 1)
    area = np.concatenate([[0.0], np.cumsum((recall[1:] + recall[:-1]) / 2 * np.diff(place))])
    last = np.maximum(np.searchsorted(place, limit) - 1, 0)
    shares = (area[last] + recall[last] * (limit - place[last])) / limit * 100
    if np.isnan(found).any():
        shares = np.full_like(limit, math.nan)
    return dict(zip(limit.tolist(), shares.tolist(), strict=True))


def _direction(vector: Tensor) -> tuple[Tensor, Tensor]:
    """Return unit vectors, and which had no length."""
    length = torch.linalg.vector_norm(vector, dim=-1, keepdim=True)
    empty = length == 0
    return vector / torch.where(empty, 1, length), empty.squeeze(-1)
