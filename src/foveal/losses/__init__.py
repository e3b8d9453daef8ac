# SPDX-License-Identifier: Apache-2.0
"""Loss functions."""

from foveal.losses._joint_histogram import MIKernel
from foveal.losses.depth_smoothness import InverseDepthSmoothnessLoss, inverse_depth_smoothness_loss
from foveal.losses.dice import DiceLoss, dice_loss
from foveal.losses.divergence import js_div_loss_2d, kl_div_loss_2d
from foveal.losses.focal import BinaryFocalLossWithLogits, FocalLoss, binary_focal_loss_with_logits, focal_loss
from foveal.losses.hausdorff import HausdorffERLoss, HausdorffERLoss3D
from foveal.losses.lovasz import LovaszHingeLoss, LovaszSoftmaxLoss, lovasz_hinge_loss, lovasz_softmax_loss
from foveal.losses.ms_ssim import MS_SSIMLoss, ms_ssim_loss
from foveal.losses.mutual_information import (
    MILossFromRef,
    MILossFromRef2D,
    MILossFromRef3D,
    mutual_information_loss,
    mutual_information_loss_2d,
    mutual_information_loss_3d,
)
from foveal.losses.normalized_mutual_information import (
    NMILossFromRef,
    NMILossFromRef2D,
    NMILossFromRef3D,
    normalized_mutual_information_loss,
    normalized_mutual_information_loss_2d,
    normalized_mutual_information_loss_3d,
)
from foveal.losses.psnr import PSNRLoss, psnr_loss
from foveal.losses.robust import (
    CauchyLoss,
    CharbonnierLoss,
    GemanMcclureLoss,
    WelschLoss,
    cauchy_loss,
    charbonnier_loss,
    geman_mcclure_loss,
    welsch_loss,
)
from foveal.losses.ssim import SSIM3DLoss, SSIMLoss, ssim3d_loss, ssim_loss
from foveal.losses.total_variation import TotalVariation, total_variation
from foveal.losses.tversky import TverskyLoss, tversky_loss
from foveal.utils import one_hot

__all__ = [
    "BinaryFocalLossWithLogits",
    "CauchyLoss",
    "CharbonnierLoss",
    "DiceLoss",
    "FocalLoss",
    "GemanMcclureLoss",
    "HausdorffERLoss",
    "HausdorffERLoss3D",
    "InverseDepthSmoothnessLoss",
    "LovaszHingeLoss",
    "LovaszSoftmaxLoss",
    "MIKernel",
    "MILossFromRef",
    "MILossFromRef2D",
    "MILossFromRef3D",
    "MS_SSIMLoss",
    "NMILossFromRef",
    "NMILossFromRef2D",
    "NMILossFromRef3D",
    "PSNRLoss",
    "SSIM3DLoss",
    "SSIMLoss",
    "TotalVariation",
    "TverskyLoss",
    "WelschLoss",
    "binary_focal_loss_with_logits",
    "cauchy_loss",
    "charbonnier_loss",
    "dice_loss",
    "focal_loss",
    "geman_mcclure_loss",
    "inverse_depth_smoothness_loss",
    "js_div_loss_2d",
    "kl_div_loss_2d",
    "lovasz_hinge_loss",
    "lovasz_softmax_loss",
    "ms_ssim_loss",
    "mutual_information_loss",
    "mutual_information_loss_2d",
    "mutual_information_loss_3d",
    "normalized_mutual_information_loss",
    "normalized_mutual_information_loss_2d",
    "normalized_mutual_information_loss_3d",
    "one_hot",
    "psnr_loss",
    "ssim3d_loss",
    "ssim_loss",
    "total_variation",
    "tversky_loss",
    "welsch_loss",
]
