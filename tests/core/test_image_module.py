# SPDX-License-Identifier: Apache-2.0
import pickle
from pathlib import Path
from typing import Any

import kornia.core as kornia
import numpy as np
import PIL.Image
import pytest
import torch
from torch import Tensor, nn

from foveal.core import ImageModule, ImageModuleMixIn, ImageSequential
from foveal.io import ImageLoadType, load_image, write_image

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)


class Dim(ImageModule):
    """Halves an image, and adds others."""

    def forward(self, image: Tensor, *others: Tensor, more: Any = 0) -> Any:
        result = image * 0.5 + sum(others) + more
        return (result, "label") if more is not None and not isinstance(more, int) else result


class PeerDim(kornia.ImageModule):
    """The same by Kornia."""

    def forward(self, image: Tensor) -> Tensor:
        return image * 0.5


INPUTS = [
    PIXELS,
    PIXELS[None],
    PIXELS[..., 0],
    PIXELS.astype(np.float32) / 300,
    PIXELS.astype(np.int16) - 99,
    PIXELS > 99,
    PIL.Image.fromarray(PIXELS),
    PIL.Image.fromarray(PIXELS[..., 0]),
    PIL.Image.fromarray(PIXELS).convert("P"),
    torch.rand(2, 3, 4, 5),
]


@pytest.mark.parametrize("image", INPUTS, ids=range(len(INPUTS)))
def test_inputs_and_outputs_are_converted_as_by_kornia(image: Any) -> None:
    torch.testing.assert_close(Dim()(image), PeerDim()(image))
    np.testing.assert_array_equal(Dim()(image, output_type="numpy"), PeerDim()(image, output_type="numpy"))
    pictures, wanted = (module(image, output_type="pil") for module in (Dim(), PeerDim()))
    for mine, theirs in zip(*((p if isinstance(p, list) else [p]) for p in (pictures, wanted)), strict=True):
        np.testing.assert_array_equal(np.array(mine), np.array(theirs))
        assert mine.mode == theirs.mode


def test_named_inputs_only_are_converted() -> None:
    one = torch.ones(3, 4, 5)
    result = Dim()(one, PIXELS, PIXELS, input_names_to_handle=["others"])
    torch.testing.assert_close(result, one * 0.5 + 2 * Dim().to_tensor(PIXELS))
    assert isinstance(Dim()(one, more=PIXELS, output_type="numpy"), tuple)
    image, label = Dim()(one, more=PIXELS, output_type="numpy")
    assert image.shape == (4, 5, 3)
    assert label == "label"


def test_files_are_read_shown_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_image(tmp_path / "in.png", torch.from_numpy(PIXELS).permute(2, 0, 1))
    module = Dim()
    with pytest.raises(ValueError, match="there is no result"):
        module.show()
    module(str(tmp_path / "in.png"))
    picture = module.show(display=False)
    assert picture is not None
    np.testing.assert_array_equal(np.array(picture), np.rint(PIXELS / np.float32(255) / 2 * 255).astype(np.uint8))
    module.save(str(tmp_path / "out.png"))
    assert torch.equal(
        load_image(tmp_path / "out.png", ImageLoadType.RGB8).permute(1, 2, 0), torch.tensor(np.array(picture))
    )
    module(torch.rand(3, 1, 4, 5))
    monkeypatch.chdir(tmp_path)
    module.save(n_row=3)
    (saved,) = tmp_path.glob("foveal-*.jpg")
    assert load_image(saved, ImageLoadType.UNCHANGED).shape == (1, 4, 3 * 5 + 2 * 2)
    with pytest.raises(ValueError, match="backend must be one of 'pil'"):
        module.show(backend="matplotlib")


def test_switched_off_nothing_is_converted_or_kept() -> None:
    module = Dim()
    module.disable_features = True
    assert module.disable_features
    assert isinstance(module(PIXELS.astype(np.float32)), np.ndarray)
    with pytest.raises(ValueError, match="there is no result"):
        module.show()


def test_sequences_convert_once_and_leave_their_result_behind() -> None:
    model = ImageSequential(Dim(), nn.Conv2d(3, 2, 1).double())
    result = model(PIXELS[None])
    assert result.shape == (1, 2, 4, 5)
    assert result.dtype is torch.float64
    again = pickle.loads(pickle.dumps(ImageSequential(nn.ReLU(), nn.Identity())))
    assert isinstance(again[0], nn.ReLU)
    with pytest.raises(ValueError, match="output_type must be one of 'pt', 'numpy', 'pil', got 'jpg'"):
        model(PIXELS[None], output_type="jpg")  # pyright: ignore[reportArgumentType]


def test_other_things_are_no_images() -> None:
    with pytest.raises(TypeError, match="x must be a tensor, an array, a Pillow image or a path, got int"):
        ImageModuleMixIn().to_tensor(3)
    with pytest.raises(ValueError, match=r"x must have shape \(H, W\)"):
        ImageModuleMixIn().to_pil(torch.zeros(3))
