# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the mutual information: one pass over the pairs of samples, and one back."""

from foveal.kernels.cpu.losses._joint_histogram import kernels_of

mutual_information_loss, mutual_information_loss_2d, mutual_information_loss_3d = kernels_of(
    False, "mutual_information_loss"
)
