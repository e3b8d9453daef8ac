# SPDX-License-Identifier: Apache-2.0
import pytest

from foveal.geometry.quaternion import KORNIA_CHECK_TYPE


def test_it_says_or_raises() -> None:
    assert KORNIA_CHECK_TYPE(1, int)
    assert KORNIA_CHECK_TYPE(1, (str, int))
    assert not KORNIA_CHECK_TYPE(1, str, raises=False)
    with pytest.raises(TypeError, match="a name: wanted str, bytes, got int"):
        KORNIA_CHECK_TYPE(1, (str, bytes), "a name")
    with pytest.raises(TypeError, match="late: wanted str, got int"):
        KORNIA_CHECK_TYPE(1, str, lambda: "late")
