# SPDX-License-Identifier: Apache-2.0
import pytest
import torch
from torch import Tensor, nn

from foveal.utils import batched_forward


class Scale(nn.Module):
    """Notes how large its parts are."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def forward(self, data: Tensor, by: float = 1.0) -> Tensor:
        self.sizes.append(len(data))
        return data * by


@pytest.mark.parametrize(("batch_size", "sizes"), [(3, [3, 3, 1]), (7, [7]), (128, [7]), (1, [1] * 7)])
def test_parts_give_what_the_whole_gives(batch_size: int, sizes: list[int]) -> None:
    model, data = Scale(), torch.rand(7, 2, 3)
    torch.testing.assert_close(batched_forward(model, data, torch.device("cpu"), batch_size, by=2.0), 2 * data)
    assert model.sizes == sizes


def test_an_empty_batch_stays_one() -> None:
    assert batched_forward(nn.Linear(3, 2), torch.rand(0, 3), torch.device("cpu")).shape == (0, 2)


def test_bad_calls_say_what_was_wrong() -> None:
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        batched_forward(Scale(), torch.rand(2), torch.device("cpu"), 0)
    with pytest.raises(TypeError, match=r"data must be a torch\.Tensor"):
        batched_forward(Scale(), [1.0], torch.device("cpu"))  # pyright: ignore[reportArgumentType]
