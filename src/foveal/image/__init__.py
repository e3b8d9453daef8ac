# SPDX-License-Identifier: Apache-2.0
"""Images: arrays and tensors, drawing, text, and images that know their colours."""

from foveal.image.array import ImageToTensor, image_list_to_tensor, image_to_tensor, make_grid, tensor_to_image
from foveal.image.draw import draw_convex_polygon, draw_line, draw_point2d, draw_rectangle
from foveal.image.formats import ChannelsOrder, ColorSpace, ImageLayout, ImageSize, PixelFormat
from foveal.image.image import Image
from foveal.image.shape import perform_keep_shape_image, perform_keep_shape_video
from foveal.image.terminal import image_to_string, print_image

__all__ = [
    "ChannelsOrder",
    "ColorSpace",
    "Image",
    "ImageLayout",
    "ImageSize",
    "ImageToTensor",
    "PixelFormat",
    "draw_convex_polygon",
    "draw_line",
    "draw_point2d",
    "draw_rectangle",
    "image_list_to_tensor",
    "image_to_string",
    "image_to_tensor",
    "make_grid",
    "perform_keep_shape_image",
    "perform_keep_shape_video",
    "print_image",
    "tensor_to_image",
]
