# SPDX-License-Identifier: Apache-2.0
import kornia.color
import torch

from foveal.color import NormalsToRgb255, Rgb255ToNormals, normals_to_rgb255, rgb255_to_normals
from tests.color.case import ColourCase


class TestNormalsToRgb255(ColourCase):
    operation = staticmethod(normals_to_rgb255)
    module_form = NormalsToRgb255
    peer = staticmethod(kornia.color.normals_to_rgb255)
    low, high = (-1.2, -1, -1), (1, 1, 1.2)
    takes_bytes = False


class TestRgb255ToNormals(ColourCase):
    operation = staticmethod(rgb255_to_normals)
    module_form = Rgb255ToNormals
    peer = staticmethod(kornia.color.rgb255_to_normals)
    high = (255, 255, 255)


def test_no_direction_gives_zeros() -> None:
    image = torch.full((3, 1, 2), 127.5, requires_grad=True)
    normals = rgb255_to_normals(image)
    assert normals.eq(0).all()
    assert torch.autograd.grad(normals.sum(), image)[0].eq(0).all()


def test_bytes_give_unit_vectors() -> None:
    image = torch.randint(0, 256, (3, 16, 16), dtype=torch.uint8)
    normals = rgb255_to_normals(image)
    assert normals.dtype is torch.float32
    torch.testing.assert_close(normals.norm(dim=0), torch.ones(16, 16))


def test_round_trip() -> None:
    normals = torch.nn.functional.normalize(torch.randn(3, 16, 16), dim=0)
    torch.testing.assert_close(rgb255_to_normals(normals_to_rgb255(normals)), normals)
