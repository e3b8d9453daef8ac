# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.constants as kornia
import pytest
import torch

from foveal import constants


@pytest.mark.parametrize("name", constants.__all__)
def test_members_are_those_of_kornia(name: str) -> None:
    mine, theirs = getattr(constants, name), getattr(kornia, name)
    assert {m.name: m.value for m in mine} == {m.name: m.value for m in theirs}
    for member in mine:
        assert mine.get(member) is mine.get(member.name.lower()) is mine.get(member.value) is member
    with pytest.raises(ValueError, match=f"{name} must be one of '.*', got 'other'"):
        mine.get("other")
    with pytest.raises(ValueError, match="9 is not a valid"):
        mine.get(9)
    with pytest.raises(TypeError, match=f"{name} must be a name, a number or a member, got float"):
        mine.get(1.5)


@pytest.mark.parametrize("dtype", [torch.int64, torch.float16, torch.float32, torch.float64, torch.bfloat16])
def test_dtypes(dtype: Any) -> None:
    assert constants.DType.to_torch(dtype) is dtype
    assert constants.DType.to_torch(torch.tensor(constants.DType.get(dtype).value)) is dtype
