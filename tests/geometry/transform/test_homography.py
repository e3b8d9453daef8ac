# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.transform import BaseWarper, HomographyWarper, homography_warp, warp_grid
from tests.contract import Contract, Make, Sample, call
from tests.geometry.transform.warped import Warped

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]


def homographies(make: Make) -> Tensor:
    return make.tensor(
        [[[0.9, 0.1, 0.2], [-0.1, 0.8, -0.1], [0.1, 0.05, 1.0]], [[1.8, 0, 0.3], [0, -2.2, 0], [0, 0, 2]]]
    )


class TestWarpGrid(Contract):
    operation = staticmethod(warp_grid)
    oracle = staticmethod(peer.warp_grid)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(1, 3, 4, 2), homographies(make))
        yield call(make.normal(2, 3, 4, 2), homographies(make).unsqueeze(1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[[[-2.0, 0.0]]]]), make.tensor([[[1.0, 0, 0], [0, 1, 0], [0.5, 0, 1]]]))

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"grid must have shape \(B, H, W, 2\)", call(make.normal(3, 4, 2), homographies(make))
        yield (
            ValueError,
            r"src_homo_dst must have shape \(3, 3, 3\)",
            call(make.normal(3, 3, 4, 2), homographies(make)),
        )


class TestHomographyWarp(Warped):
    operation = staticmethod(homography_warp)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 5, 6)
        yield call(image, homographies(make), (4, 7))
        yield call(image, homographies(make), (4, 7), "bilinear", "border", True)
        pixels = make.tensor([[[0.9, 0.2, 0.33], [-0.1, 1.2, 0.41], [0.02, -0.03, 1.0]]])
        yield call(image, pixels, (4, 7), normalized_coordinates=False)
        yield call(image, pixels, (4, 7), padding_mode="reflection", normalized_homography=False)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 70, 75), homographies(make), (66, 77))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 1, 4), make.tensor([torch.eye(3).tolist()]), (1, 4), align_corners=True)

    def invalid(self, make: Make) -> Bad:
        image = make.uniform(2, 2, 5, 6)
        yield ValueError, r"src_homo_dst must have shape \(2, 3, 3\)", call(image, make.normal(3, 3, 3), (4, 4))
        yield ValueError, "dsize must be 2 integers", call(image, make.normal(1, 3, 3), (4, 4, 4))

    def oracle(self, patch_src: Tensor, matrix: Tensor, *args: Any, **options: Any) -> Any:
        return peer.homography_warp(patch_src, matrix.expand(len(patch_src), 3, 3), *args, **options)

    @pytest.mark.parametrize("align_corners", [True, False])
    @pytest.mark.parametrize("normalized", [True, False])
    def test_identity_is_exact(self, align_corners: bool, normalized: bool) -> None:
        image = torch.randn(1, 3, 37, 50)
        options: Any = {"align_corners": align_corners, "normalized_coordinates": normalized}
        assert torch.equal(homography_warp(image, torch.eye(3)[None], (37, 50), **options), image)


def test_homography_warper_keeps_homographies() -> None:
    image, matrix = torch.rand(2, 3, 6, 7), homographies(Make(torch.float32))
    warper, rival = HomographyWarper(5, 4), peer.HomographyWarper(5, 4)
    assert isinstance(warper, BaseWarper)
    torch.testing.assert_close(warper(image, matrix), rival(image, matrix))
    with pytest.raises(ValueError, match="src_homo_dst must be given"):
        warper(image)
    warper.precompute_warp_grid(matrix)
    torch.testing.assert_close(warper(image), rival(image, matrix))
    assert "height=5, width=4" in repr(warper)
    with pytest.raises(TypeError, match="BaseWarper has no forward"):
        BaseWarper(5, 4)(image)
