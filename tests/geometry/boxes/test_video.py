# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.geometry.boxes as kornia
import pytest
import torch

from foveal.geometry.boxes import Boxes, VideoBoxes

VIDEOS = Boxes.from_tensor(torch.rand(6, 4, 4).cumsum(dim=-1) * 5 + torch.tensor([0, 0, 2, 2])).data.view(2, 3, 4, 4, 2)


def test_videos_are_those_of_kornia() -> None:
    mine, theirs = VideoBoxes.from_tensor(VIDEOS), kornia.VideoBoxes.from_tensor(VIDEOS)
    matrices = torch.eye(3).repeat(6, 1, 1) + 0.05 * torch.rand(6, 3, 3)
    pairs: list[tuple[Any, Any]] = [(mine, theirs), (mine.transform_boxes(matrices), theirs.transform_boxes(matrices))]
    pairs += [(mine[key], theirs[key]) for key in (0, slice(1, 2), torch.tensor([1, 0]), torch.tensor([False, True]))]
    pairs += [(mine.clone(), theirs.clone())]
    for one, other in pairs:
        assert isinstance(one, VideoBoxes)
        assert one.temporal_channel_size == other.temporal_channel_size == 3
        for mode in (None, "xyxy", "xywh"):
            torch.testing.assert_close(one.to_tensor(mode), other.to_tensor(mode))
        torch.testing.assert_close(one.get_boxes_shape(), other.get_boxes_shape())
        torch.testing.assert_close(one.to_mask(5, 6), other.to_mask(5, 6))
        torch.testing.assert_close(one.compute_area(), other.compute_area())
    mine[0], theirs[0] = mine[1], theirs[1]
    torch.testing.assert_close(mine.to_tensor(), theirs.to_tensor())


def test_videos_return_unchanged() -> None:
    assert torch.equal(VideoBoxes.from_tensor(VIDEOS).to_tensor(), VIDEOS)


def test_bad_videos_say_what_was_wrong() -> None:
    with pytest.raises(ValueError, match=r"\(B, T, N, 4, 2\), got \(3, 4, 4, 2\)"):
        VideoBoxes.from_tensor(VIDEOS[0])
    with pytest.raises(ValueError, match=r"\(B, T, N, 4, 2\), got a list"):
        VideoBoxes.from_tensor([VIDEOS[0]])
    with pytest.raises(ValueError, match="finite"):
        VideoBoxes.from_tensor(VIDEOS * torch.nan)
    with pytest.raises(ValueError, match=r"M must be \(3, 3\) or \(6, 3, 3\)"):
        VideoBoxes.from_tensor(VIDEOS).transform_boxes(torch.eye(3).repeat(2, 1, 1))
