# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.transform import remap
from tests.contract import Make, Sample, call
from tests.geometry.transform.warped import Warped

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]


class TestRemap(Warped):
    operation = staticmethod(remap)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 5, 6)
        x, y = make.uniform(2, 3, 4, low=-1.5, high=6.5), make.uniform(2, 3, 4, low=-1.5, high=5.5)
        yield call(image, x, y)
        yield call(image, x[:1], y[:1], "nearest", "border")
        yield call(image, x, y, "bilinear", "reflection", True)
        yield call(image, x / 3 - 1, y / 3 - 1, normalized_coordinates=True, padding_mode="border")
        yield call(image, x / 3 - 1, y / 3 - 1, align_corners=True, normalized_coordinates=True)

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 70, 75)
        for spread in (1.0, 70.0):
            x = torch.arange(67.0, dtype=make.dtype) + make.uniform(2, 66, 67, low=-spread, high=spread)
            y = torch.arange(66.0, dtype=make.dtype)[:, None] + make.uniform(2, 66, 67, low=-spread, high=spread)
            for padding_mode in ("zeros", "border", "reflection"):
                yield call(image, x, y, "bilinear", padding_mode, True)

    def oracle(self, image: Tensor, x: Tensor, y: Tensor, *args: Any, **options: Any) -> Any:
        if not options.get("normalized_coordinates"):
            # Kornia aligns pixels by corners but samples as the flag says: its maps in pixels need aligned corners.
            args, options = args[:2], {"align_corners": True}
        return peer.remap(image, x.expand(len(image), -1, -1), y.expand(len(image), -1, -1), *args, **options)

    def special(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 1, 4, 4)
        x = make.tensor([[[0.0, 3.0, torch.nan, 1e9]]])
        for padding_mode in ("zeros", "border"):
            yield call(image, x, 0 * make.tensor([[[1.0] * 4]]), padding_mode=padding_mode)

    def invalid(self, make: Make) -> Bad:
        image, x = make.uniform(2, 1, 4, 4), make.uniform(2, 3, 3)
        yield ValueError, r"map_y must have shape \(2, 3, 3\)", call(image, x, x[:1])
        yield TypeError, "map_x must be a torch.Tensor", call(image, 3, x)
        yield ValueError, "padding_mode must be one of", call(image, x, x, padding_mode="fill")

    @pytest.mark.parametrize("align_corners", [True, False, None])
    def test_identity_is_exact(self, align_corners: bool | None) -> None:
        image = torch.randn(1, 3, 37, 50)
        rows, columns = torch.meshgrid(torch.arange(37.0), torch.arange(50.0), indexing="ij")
        for padding_mode in ("zeros", "border", "reflection"):
            for mode in ("bilinear", "nearest"):
                options = (mode, padding_mode, align_corners)
                assert torch.equal(remap(image, columns[None], rows[None], *options), image)
                x, y = (
                    2 * places / (size - 1) - 1 if align_corners else (2 * places + 1) / size - 1
                    for places, size in ((columns, 50), (rows, 37))
                )
                assert torch.equal(remap(image, x[None], y[None], *options, True), image)

    def test_agrees_with_opencv(self) -> None:
        image = torch.rand(1, 1, 40, 50)
        x, y = torch.rand(2, 30, 45) * 38
        expected = cv2.remap(image[0, 0].numpy(), x.numpy(), y.numpy(), cv2.INTER_LINEAR)
        # OpenCV places samples on a grid of 1/32 pixel.
        torch.testing.assert_close(
            remap(image, x[None], y[None])[0, 0], torch.from_numpy(expected), atol=1 / 16, rtol=0
        )

    def test_a_pixel_that_is_nowhere_is_zero(self) -> None:
        x = torch.tensor([[[0.0, torch.nan, 2.0, torch.inf]]]).repeat(1, 1, 20)
        found = remap(torch.ones(1, 1, 40, 40), x, torch.zeros_like(x))
        assert found.flatten()[:4].tolist() == [1, 0, 1, 0]

    @pytest.mark.parametrize("padding_mode", ["border", "reflection"])
    def test_positions_on_the_last_pixel_have_no_gradient(self, padding_mode: str) -> None:
        # The pixel beyond is the same one; its value alone must not stand for a difference.
        image = torch.rand(1, 2, 24, 32)
        x = torch.full((1, 24, 32), 31.0).requires_grad_()
        y = torch.full((1, 24, 32), 23.0).requires_grad_()
        for gradient in torch.autograd.grad(remap(image, x, y, padding_mode=padding_mode).sum(), (x, y)):
            assert not gradient.any()
