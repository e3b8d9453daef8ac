# SPDX-License-Identifier: Apache-2.0
import kornia.image as kornia
import pytest
import torch
from torch import Tensor

from foveal.image import perform_keep_shape_image, perform_keep_shape_video


def shrink(input: Tensor, factor: int = 2) -> Tensor:
    """Give other channels and another size."""
    return torch.cat([input, 2 * input], dim=1)[..., ::factor]


@pytest.mark.parametrize("lead", [(), (3,), (2, 3), (4, 2, 3)])
def test_leading_dimensions_come_back(lead: tuple[int, ...]) -> None:
    for mine, theirs, size in (
        (perform_keep_shape_image, kornia.perform_keep_shape_image, (4, 6)),
        (perform_keep_shape_video, kornia.perform_keep_shape_video, (2, 4, 6)),
    ):
        image = torch.rand(*lead, *size)
        torch.testing.assert_close(mine(shrink)(image, factor=3), theirs(shrink)(image, factor=3))
        assert mine(shrink).__name__ == "shrink"


def test_bad_calls_say_what_was_wrong() -> None:
    with pytest.raises(TypeError, match=r"input must be a torch\.Tensor"):
        perform_keep_shape_image(shrink)([1.0])
    with pytest.raises(ValueError, match=r"input must have 2 dimensions or more, and a pixel, got \(0, 3, 4, 5\)"):
        perform_keep_shape_image(shrink)(torch.zeros(0, 3, 4, 5))
    with pytest.raises(ValueError, match="input must have 3 dimensions"):
        perform_keep_shape_video(shrink)(torch.zeros(4, 5))
