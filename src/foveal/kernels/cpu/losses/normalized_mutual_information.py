# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the normalized mutual information: one pass over the pairs of samples, and one back."""

from foveal.kernels.cpu.losses._joint_histogram import kernels_of

normalized_mutual_information_loss, normalized_mutual_information_loss_2d, normalized_mutual_information_loss_3d = (
    kernels_of(True, "normalized_mutual_information_loss")
)
