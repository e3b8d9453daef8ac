# SPDX-License-Identifier: Apache-2.0
"""Modules that take arrays and Pillow images, and a tensor that notes what is done to it."""

from foveal.core.image_module import ImageModule, ImageModuleMixIn, ImageSequential
from foveal.core.tensor_wrapper import TensorWrapper
from foveal.utils.like import eye_like, vec_like

__all__ = ["ImageModule", "ImageModuleMixIn", "ImageSequential", "TensorWrapper", "eye_like", "vec_like"]
