# SPDX-License-Identifier: Apache-2.0
import torch

from foveal.apps.depth.photometric import least_error, photometric_error


def test_equal_pictures_have_no_error_and_others_have() -> None:
    image = torch.rand(1, 3, 9, 11)
    assert photometric_error(image, image).abs().max() < 1e-6
    assert photometric_error(1 - image, image).mean() > 0.3
    torch.testing.assert_close(photometric_error(image + 0.1, image, share=0.0), torch.full((1, 1, 9, 11), 0.1))
    # Several pictures against one, as planes are swept.
    pictures = torch.rand(2, 3, 9, 11)
    each = [photometric_error(picture[None], image) for picture in pictures]
    torch.testing.assert_close(photometric_error(pictures, image), torch.cat(each))


def test_each_pixel_takes_the_view_that_sees_it_best() -> None:
    errors = [torch.tensor([0.3, 0.2, 0.1, 0.5]), torch.tensor([0.1, 0.4, 0.2, 0.6])]
    seen = [torch.tensor([True, True, False, False]), torch.tensor([True, True, True, False])]
    found, anywhere = least_error(errors, seen)
    torch.testing.assert_close(found, torch.tensor([0.1, 0.2, 0.2, 0.0]))
    assert anywhere.tolist() == [True, True, True, False]
