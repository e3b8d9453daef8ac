# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from foveal.geometry.liegroup import Se2, Se3, So2, So3
from foveal.geometry.pose import NamedPose


@pytest.mark.parametrize(("group", "rotations"), [(Se2, So2), (Se3, So3)])
def test_poses_chain_and_invert(group: type[Se2 | Se3], rotations: type[So2 | So3]) -> None:
    b_from_a = NamedPose(group.random(2, dtype=torch.float64), "a", "b")
    c_from_b = NamedPose(group.random(2, dtype=torch.float64), "b", "c")
    c_from_a = c_from_b * b_from_a
    assert (c_from_a.frame_src, c_from_a.frame_dst) == ("a", "c")
    points = torch.randn(2, 5, 3 if group is Se3 else 2, dtype=torch.float64)
    there = c_from_a.transform_points(points)
    torch.testing.assert_close(there, c_from_b.transform_points(b_from_a.transform_points(points)))
    back = c_from_a.inverse()
    assert (back.frame_src, back.frame_dst) == ("c", "a")
    torch.testing.assert_close(back.transform_points(there), points)
    assert isinstance(b_from_a.rotation, rotations)
    for again in (
        NamedPose.from_matrix(b_from_a.pose.matrix()),
        NamedPose.from_rt(b_from_a.rotation, b_from_a.translation),
        NamedPose.from_rt(b_from_a.rotation.matrix(), b_from_a.translation),
    ):
        torch.testing.assert_close(again.pose.matrix(), b_from_a.pose.matrix())
        assert again.frame_src != again.frame_dst


def test_bad_arguments() -> None:
    pose = NamedPose(Se3.identity(), "a", "b")
    with pytest.raises(TypeError, match="dst_from_src must be a Se2 or a Se3, got So3"):
        NamedPose(So3.identity())  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="other must end in frame 'a', got 'b'"):
        pose * pose
    with pytest.raises(TypeError, match="other must hold a Se3, got a Se2"):
        pose * NamedPose(Se2.identity(), "b", "a")
    with pytest.raises(TypeError, match="other must be a NamedPose"):
        pose * Se3.identity()  # pyright: ignore[reportOperatorIssue]
    assert "'a', 'b'" in repr(pose)
