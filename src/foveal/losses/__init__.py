# SPDX-License-Identifier: Apache-2.0
"""Loss functions."""

from foveal.losses._joint_histogram import MIKernel
from foveal.losses.depth_smoothness import InverseDepthSmoothnessLoss, inverse_depth_smoothness_loss
from foveal.losses.divergence import js_div_loss_2d, kl_div_loss_2d
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
from foveal.losses.total_variation import TotalVariation, total_variation

__all__ = [
    "CauchyLoss",
    "CharbonnierLoss",
    "GemanMcclureLoss",
    "InverseDepthSmoothnessLoss",
    "MIKernel",
    "MILossFromRef",
    "MILossFromRef2D",
    "MILossFromRef3D",
    "NMILossFromRef",
    "NMILossFromRef2D",
    "NMILossFromRef3D",
    "PSNRLoss",
    "TotalVariation",
    "WelschLoss",
    "cauchy_loss",
    "charbonnier_loss",
    "geman_mcclure_loss",
    "inverse_depth_smoothness_loss",
    "js_div_loss_2d",
    "kl_div_loss_2d",
    "mutual_information_loss",
    "mutual_information_loss_2d",
    "mutual_information_loss_3d",
    "normalized_mutual_information_loss",
    "normalized_mutual_information_loss_2d",
    "normalized_mutual_information_loss_3d",
    "psnr_loss",
    "total_variation",
    "welsch_loss",
]
