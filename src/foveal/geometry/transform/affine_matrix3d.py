# SPDX-License-Identifier: Apache-2.0
"""Matrices of affine and perspective maps of voxel coordinates."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._small import multiply
from foveal.geometry.transform._sample import wide_dtype

# Of eight corners these five fix a homography of space.
CORNERS = (0, 1, 2, 5, 7)


@op
def projection_from_Rt(  # noqa: N802
    rmat: Float[Tensor, "*batch 3 3"], tvec: Float[Tensor, "*batch 3 1"]
) -> Float[Tensor, "*batch 3 4"]:
    """Put a rotation and a translation side by side.

    Args:
        rmat: (*, 3, 3).
        tvec: (*, 3, 1).

    Returns:
        [R | t], (*, 3, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> projection_from_Rt(torch.eye(3), torch.ones(3, 1))
    tensor([[1., 0., 0., 1.],
            [0., 1., 0., 1.],
            [0., 0., 1., 1.]])
    """
    check_floating(rmat, "rmat")
    check_shape(rmat, "rmat", "*", 3, 3)
    check_floating(tvec, "tvec")
    check_shape(tvec, "tvec", *rmat.shape[:-2], 3, 1)
    return torch.cat([rmat, tvec], dim=-1)


@op
def get_projective_transform(
    center: Float[Tensor, "batch 3"], angles: Float[Tensor, "batch 3"], scales: Float[Tensor, "batch 3"]
) -> Float[Tensor, "batch 3 4"]:
    """Return the map that scales along the axes, then turns, about a centre that stays where it is.

    Args:
        center: (x, y, z) in voxels, (B, 3).
        angles: axis of the turn times its angle in degrees, (B, 3).
        scales: factors along x, y and z, (B, 3).

    Returns:
        Affine maps, (B, 3, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    Convention: the right-hand rule; as y points down, a positive angle about z turns clockwise as displayed.

    >>> quarter = torch.tensor([[0.0, 0.0, 90.0]])
    >>> get_projective_transform(torch.zeros(1, 3), quarter, torch.ones(1, 3)).round()[0, :2, :2] + 0.0
    tensor([[ 0., -1.],
            [ 1.,  0.]])

    Source: Rodrigues' formula.
    """
    for value, name in ((center, "center"), (angles, "angles"), (scales, "scales")):
        check_floating(value, name)
        check_shape(value, name, "B" if value is center else center.shape[0], 3)
    dtype = wide_dtype(center, angles, scales)
    return _projective(center.to(dtype), angles.to(dtype), scales.to(dtype)).to(center.dtype)


@op
def get_shear_matrix3d(
    center: Float[Tensor, "batch 3"],
    sxy: Float[Tensor, " batch"] | None = None,
    sxz: Float[Tensor, " batch"] | None = None,
    syx: Float[Tensor, " batch"] | None = None,
    syz: Float[Tensor, " batch"] | None = None,
    szx: Float[Tensor, " batch"] | None = None,
    szy: Float[Tensor, " batch"] | None = None,
) -> Float[Tensor, "batch 4 4"]:
    """Return the map that shears by the shares of z, then of y, then of x, about a centre that stays where it is.

    Args:
        center: (x, y, z) in voxels, (B, 3).
        sxy: angle in radians, (B,): y loses tan(sxy) times x. `None` is zero, here and below.
        sxz: z loses tan(sxz) times x.
        syx: x loses tan(syx) times y.
        syz: z loses tan(syz) times y.
        szx: x loses tan(szx) times z.
        szy: y loses tan(szy) times z.

    Returns:
        Affine maps, (B, 4, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    Convention: the matrix acts from the left on columns (x, y, z, 1).

    >>> get_shear_matrix3d(torch.zeros(1, 3), syx=torch.tensor([0.5]))[0, :2, :2]
    tensor([[ 1.0000, -0.5463],
            [ 0.0000,  1.0000]])
    """
    check_floating(center, "center")
    check_shape(center, "center", "B", 3)
    dtype = wide_dtype(center)
    shears = {"sxy": sxy, "sxz": sxz, "syx": syx, "syz": syz, "szx": szx, "szy": szy}
    tangents: dict[str, Tensor] = {}
    for name, shear in shears.items():
        if shear is not None:
            check_floating(shear, name)
            check_shape(shear, name, center.shape[0])
        tangents[name] = center[:, 0].to(dtype) * 0 if shear is None else -torch.tan(shear.to(dtype))
    return _shear(center.to(dtype), tangents).to(center.dtype)


@op
def get_affine_matrix3d(
    translations: Float[Tensor, "batch 3"],
    center: Float[Tensor, "batch 3"],
    scale: Float[Tensor, "batch 3"],
    angles: Float[Tensor, "batch 3"],
    sxy: Float[Tensor, " batch"] | None = None,
    sxz: Float[Tensor, " batch"] | None = None,
    syx: Float[Tensor, " batch"] | None = None,
    syz: Float[Tensor, " batch"] | None = None,
    szx: Float[Tensor, " batch"] | None = None,
    szy: Float[Tensor, " batch"] | None = None,
) -> Float[Tensor, "batch 4 4"]:
    """Return the map that shears, scales and turns about a centre, then adds an offset.

    Args:
        translations: offset (x, y, z) in voxels, (B, 3).
        center: (x, y, z) in voxels, (B, 3).
        scale: factors along x, y and z, (B, 3).
        angles: axis of the turn times its angle in degrees, (B, 3).
        sxy: shear in radians, as for `get_shear_matrix3d`, (B,).
        sxz: likewise.
        syx: likewise.
        syz: likewise.
        szx: likewise.
        szy: likewise.

    Returns:
        Affine maps, (B, 4, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    Convention: the matrix acts from the left on columns (x, y, z, 1). It turns against `get_projective_transform`.

    >>> one = torch.ones(1, 3)
    >>> get_affine_matrix3d(2 * one, 0 * one, one, 0 * one)[0, :3, 3]
    tensor([2., 2., 2.])
    """
    for value, name in ((translations, "translations"), (center, "center"), (scale, "scale"), (angles, "angles")):
        check_floating(value, name)
        check_shape(value, name, "B" if value is translations else translations.shape[0], 3)
    dtype = wide_dtype(translations, center, scale, angles)
    turn = _projective(center.to(dtype), -angles.to(dtype), scale.to(dtype))
    offset = translations.to(dtype).unsqueeze(-1)
    matrix = homogeneous3d(torch.cat([turn[..., :3], turn[..., 3:] + offset], dim=-1))
    shears = {"sxy": sxy, "sxz": sxz, "syx": syx, "syz": syz, "szx": szx, "szy": szy}
    if any(shear is not None for shear in shears.values()):
        wide = {name: shear if shear is None else shear.to(dtype) for name, shear in shears.items()}
        matrix = multiply(matrix, get_shear_matrix3d.reference(center.to(dtype), **wide))
    return matrix.to(translations.dtype)


@op
def get_perspective_transform3d(
    src: Float[Tensor, "batch 8 3"], dst: Float[Tensor, "batch 8 3"]
) -> Float[Tensor, "batch 4 4"]:
    """Return the homography of space that maps five corners of a box to those of another.

    Args:
        src: corners (x, y, z), (B, 8, 3): front, then back, each top-left, top-right, bottom-right, bottom-left. The
            corners 0, 1, 2, 5 and 7 count.
        dst: where they go, (B, 8, 3).

    Returns:
        Homographies whose last entry is 1, (B, 4, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument is not (B, 8, 3), or their batches differ.

    Convention: the matrix acts from the left on columns (x, y, z, 1).

    >>> box = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]])
    >>> get_perspective_transform3d(box, 2 * box).round()[0].diagonal()
    tensor([2., 2., 2., 1.])
    """
    check_floating(src, "src")
    check_floating(dst, "dst")
    check_shape(src, "src", "B", 8, 3)
    check_shape(dst, "dst", src.shape[0], 8, 3)
    dtype = wide_dtype(src, dst)
    source, target = (torch.stack([box.to(dtype)[:, i] for i in CORNERS], dim=1) for box in (src, dst))
    columns = torch.cat([source, torch.ones_like(source[..., :1])], dim=-1)
    nothing = torch.zeros_like(columns)
    lines = [
        torch.cat([*(columns if i == j else nothing for j in range(3)), -source * target[..., i : i + 1]], dim=-1)
        for i in range(3)
    ]
    entries = torch.linalg.solve(torch.cat(lines, dim=1), target.mT.flatten(1))
    one = torch.ones_like(entries[:, :1])
    return torch.cat([entries, one], dim=-1).unflatten(-1, (4, 4)).to(torch.promote_types(src.dtype, dst.dtype))


def homogeneous3d(matrix: Float[Tensor, "batch 3 4"]) -> Float[Tensor, "batch 4 4"]:
    """Append the row (0, 0, 0, 1)."""
    last = torch.eye(4, device=matrix.device, dtype=matrix.dtype)[3:].expand(matrix.shape[0], 1, 4)
    return torch.cat([matrix, last], dim=1)


def about3d(center: Float[Tensor, "batch 3"], matrix: Float[Tensor, "batch 3 3"]) -> Float[Tensor, "batch 3 4"]:
    """Return a map about the origin as one about a centre."""
    offset = center - (matrix * center.unsqueeze(1)).sum(-1)
    return torch.cat([matrix, offset.unsqueeze(-1)], dim=-1)


def _projective(center: Tensor, degrees: Tensor, scales: Tensor) -> Float[Tensor, "batch 3 4"]:
    angles = torch.deg2rad(degrees)
    squared = angles.square().sum(-1)
    small = squared < 1e-6
    angle = torch.where(small, 1, squared).sqrt()
    # By their series near zero, where the quotients lose digits and the square root has no slope.
    sine = torch.where(small, 1 - squared / 6 * (1 - squared / 20), angle.sin() / angle)
    cosine = torch.where(small, 0.5 - squared / 24 * (1 - squared / 30), 2 * ((angle / 2).sin() / angle).square())
    x, y, z = angles.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, 0 - z, y, z, zero, 0 - x, 0 - y, x, zero], dim=-1).unflatten(-1, (3, 3))
    unit = torch.eye(3, device=angles.device, dtype=angles.dtype)
    turn = unit + sine[:, None, None] * cross + cosine[:, None, None] * multiply(cross, cross)
    return about3d(center, turn * scales.unsqueeze(1))


def _shear(center: Tensor, tangents: dict[str, Tensor]) -> Float[Tensor, "batch 4 4"]:
    one, zero = torch.ones_like(center[:, 0]), torch.zeros_like(center[:, 0])

    def matrix(*entries: Tensor) -> Tensor:
        return torch.stack(entries, dim=-1).unflatten(-1, (3, 3))

    of_x = matrix(one, zero, zero, tangents["sxy"], one, zero, tangents["sxz"], zero, one)
    of_y = matrix(one, tangents["syx"], zero, zero, one, zero, zero, tangents["syz"], one)
    of_z = matrix(one, zero, tangents["szx"], zero, one, tangents["szy"], zero, zero, one)
    return homogeneous3d(about3d(center, multiply(multiply(of_x, of_y), of_z)))
