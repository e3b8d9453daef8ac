# SPDX-License-Identifier: Apache-2.0
"""Loss functions."""

from foveal.losses.depth_smoothness import InverseDepthSmoothnessLoss, inverse_depth_smoothness_loss
from foveal.losses.divergence import js_div_loss_2d, kl_div_loss_2d
from foveal.losses.ms_ssim import MS_SSIMLoss, ms_ssim_loss
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

__all__ = [
    "CauchyLoss",
    "CharbonnierLoss",
    "GemanMcclureLoss",
    "InverseDepthSmoothnessLoss",
    "MS_SSIMLoss",
    "PSNRLoss",
    "SSIM3DLoss",
    "SSIMLoss",
    "TotalVariation",
    "WelschLoss",
    "cauchy_loss",
    "charbonnier_loss",
    "geman_mcclure_loss",
    "inverse_depth_smoothness_loss",
    "js_div_loss_2d",
    "kl_div_loss_2d",
    "ms_ssim_loss",
    "psnr_loss",
    "ssim3d_loss",
    "ssim_loss",
    "total_variation",
    "welsch_loss",
]
