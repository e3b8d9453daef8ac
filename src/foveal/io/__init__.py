# SPDX-License-Identifier: Apache-2.0
"""Image files, through Pillow."""

from foveal.io.files import ImageLoadType, load_image, write_image

__all__ = ["ImageLoadType", "load_image", "write_image"]
