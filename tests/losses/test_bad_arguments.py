# SPDX-License-Identifier: Apache-2.0
"""Every loss refuses what it cannot take, and says which argument it was."""

from typing import Any

import pytest
import torch

from foveal import losses
from foveal.losses.hausdorff import hausdorff_er_loss, hausdorff_er_loss_3d
from tests.bad_arguments import Form, assert_refused

logits, labels, weight = torch.randn(2, 3, 4, 5), torch.randint(0, 3, (2, 4, 5)), torch.rand(3)
image, other = torch.rand(2, 2, 3, 12, 13)
volume, other_volume = torch.rand(2, 1, 1, 5, 6, 7)
maps, other_maps = torch.rand(2, 2, 3, 4, 5)
classes = {"pred": logits, "target": labels}
images = {"img1": image, "img2": other}
similarity = {"window_size": 3, "max_val": 1.0, "eps": 1e-12, "reduction": "mean", "padding": "same"}
distance = {"alpha": 2.0, "k": 2, "reduction": "mean", "ignore_index": -100}
binary = {"alpha": 0.25, "gamma": 2.0, "reduction": "mean", "weight": weight, "ignore_index": -100}


def signals(*shape: int) -> dict[str, Any]:
    masks = {"input_mask": torch.rand(shape) > 0.2, "target_mask": torch.rand(shape) > 0.2}
    options = {"kernel_function": losses.MIKernel.xu, "num_bins": 8, "window_radius": 1.0}
    return {"input": torch.rand(2, *shape), "target": torch.rand(2, *shape), **masks, **options}


CALLS: list[tuple[Any, Form, dict[str, Any]]] = [
    (
        losses.binary_focal_loss_with_logits,
        losses.BinaryFocalLossWithLogits,
        {"pred": logits, "target": (image > 0.5).long()[..., :4, :5], "pos_weight": weight, **binary},
    ),
    (
        losses.dice_loss,
        losses.DiceLoss,
        {**classes, "average": "micro", "eps": 1e-8, "weight": weight, "ignore_index": -100, "reduction": "mean"},
    ),
    (losses.focal_loss, losses.FocalLoss, {**classes, **binary}),
    (hausdorff_er_loss, losses.HausdorffERLoss, {"pred": logits, "target": labels[:, None], **distance}),
    (
        hausdorff_er_loss_3d,
        losses.HausdorffERLoss3D,
        {"pred": logits[:, :, None], "target": labels[:, None, None], **distance},
    ),
    (
        losses.inverse_depth_smoothness_loss,
        losses.InverseDepthSmoothnessLoss,
        {"idepth": image[:, :1], "image": other},
    ),
    (losses.js_div_loss_2d, None, {"pred": maps, "target": other_maps, "reduction": "mean"}),
    (losses.kl_div_loss_2d, None, {"pred": maps, "target": other_maps, "reduction": "mean"}),
    (
        losses.lovasz_hinge_loss,
        losses.LovaszHingeLoss,
        {"pred": logits[:, :1], "target": labels, "reduction": "mean", "ignore_index": -100},
    ),
    (
        losses.lovasz_softmax_loss,
        losses.LovaszSoftmaxLoss,
        {**classes, "weight": weight, "reduction": "mean", "ignore_index": -100},
    ),
    (
        losses.ms_ssim_loss,
        losses.MS_SSIMLoss,
        {
            **images,
            "sigmas": (0.5, 1.0),
            "data_range": 1.0,
            "K": (0.01, 0.03),
            "alpha": 0.025,
            "compensation": 200.0,
            "reduction": "mean",
        },
    ),
    (losses.psnr_loss, losses.PSNRLoss, {"image": image, "target": other, "max_val": 1.0}),
    (losses.ssim3d_loss, losses.SSIM3DLoss, {"img1": volume, "img2": other_volume, **similarity}),
    (losses.ssim_loss, losses.SSIMLoss, {**images, **similarity}),
    (losses.total_variation, losses.TotalVariation, {"img": image, "reduction": "sum"}),
    (
        losses.tversky_loss,
        losses.TverskyLoss,
        {**classes, "beta": 0.7, "eps": 1e-8, "ignore_index": -100, "reduction": "mean", "alpha": 0.3},
    ),
    *(
        (getattr(losses, name), getattr(losses, form), {**images, "reduction": "mean"})
        for name, form in (
            ("cauchy_loss", "CauchyLoss"),
            ("charbonnier_loss", "CharbonnierLoss"),
            ("geman_mcclure_loss", "GemanMcclureLoss"),
            ("welsch_loss", "WelschLoss"),
        )
    ),
    *(
        (getattr(losses, f"{measure}_loss{suffix}"), getattr(losses, f"{form}FromRef{suffix[1:].upper()}"), signals(*n))
        for measure, form in (("mutual_information", "MILoss"), ("normalized_mutual_information", "NMILoss"))
        for suffix, n in (("", (20,)), ("_2d", (4, 5)), ("_3d", (2, 3, 4)))
    ),
]


@pytest.mark.parametrize(("loss", "form", "arguments"), CALLS, ids=[loss.__name__ for loss, _, _ in CALLS])
def test_bad_arguments_are_refused_by_name(loss: Any, form: Form, arguments: dict[str, Any]) -> None:
    loss(**arguments)
    assert_refused(loss, form, arguments)


def test_every_loss_is_here() -> None:
    tested = {loss.__name__ for loss, _, _ in CALLS} | {form.__name__ for _, form, _ in CALLS if form}
    assert tested >= set(losses.__all__) - {"MIKernel", "one_hot"}
