# SPDX-License-Identifier: Apache-2.0
"""Registration of two images by gradient descent, from coarse to fine."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam, Optimizer

from foveal._check import check_count, check_floating, check_option, check_positive, check_shape
from foveal.geometry.transform.homography import HomographyWarper
from foveal.geometry.transform.pyramid import build_pyramid
from foveal.geometry.transform.resize import resize

Matrix = Float[Tensor, "1 3 3"]

# What of a pixel must come from inside the image for it to count.
INSIDE = 0.9


class BaseModel(nn.Module, ABC):
    """Base of the models of `ImageRegistrator`: a transform whose parameters are learned."""

    @abstractmethod
    def forward(self) -> Tensor:
        """Return the transform that sends pixels of the destination to the source."""

    @abstractmethod
    def forward_inverse(self) -> Tensor:
        """Return the transform that sends pixels of the source to the destination."""

    @abstractmethod
    def reset_model(self) -> None:
        """Make it the identity."""


class Homography(BaseModel):
    """A homography, all nine entries of which are learned, in coordinates that are [-1, 1] over the image.

    >>> Homography()().detach()
    tensor([[[1., 0., 0.],
             [0., 1., 0.],
             [0., 0., 1.]]])
    """

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Parameter(torch.eye(3))

    def reset_model(self) -> None:
        """Make it the identity."""
        nn.init.eye_(self.model)

    def forward(self) -> Matrix:
        """Return the homography, (1, 3, 3), whose last entry is 1."""
        return (self.model / self.model[2, 2]).unsqueeze(0)

    def forward_inverse(self) -> Matrix:
        """Return its inverse, (1, 3, 3)."""
        return torch.linalg.inv(self.model).unsqueeze(0)


class Similarity(BaseModel):
    """A rotation, a scale and a shift, in coordinates that are [-1, 1] over the image.

    Args:
        rotation: learn the angle, in degrees, else it is zero.
        scale: learn the scale, else it is one.
        shift: learn the shift, else it is zero.

    Convention: a positive angle is [[cos, sin], [-sin, cos]]. Only `set_image_shape` makes it a rotation of pixels
    where the image is not square.

    >>> torch.equal(Similarity()().detach()[0], torch.eye(3))
    True
    """

    rot: Tensor
    shift: Tensor
    scale: Tensor

    def __init__(self, rotation: bool = True, scale: bool = True, shift: bool = True) -> None:
        super().__init__()
        self._keep("rot", torch.zeros(1), rotation)
        self._keep("shift", torch.zeros(1, 2, 1), shift)
        self._keep("scale", torch.ones(1), scale)
        self._aspect = 1.0

    def _keep(self, name: str, value: Tensor, learned: bool) -> None:
        if learned:
            self.register_parameter(name, nn.Parameter(value))
        else:
            self.register_buffer(name, value)

    def reset_model(self) -> None:
        """Make it the identity."""
        nn.init.zeros_(self.rot)
        nn.init.zeros_(self.shift)
        nn.init.ones_(self.scale)

    def set_image_shape(self, height: int, width: int) -> None:
        """Tell the shape of the images: the angle then turns pixels."""
        self._aspect = height / width

    def forward(self) -> Matrix:
        """Return the similarity, (1, 3, 3)."""
        angle = torch.deg2rad(self.rot)
        cosine, sine = angle.cos() * self.scale, angle.sin() * self.scale
        linear = torch.cat([cosine, sine * self._aspect, -sine / self._aspect, cosine]).view(1, 2, 2)
        last = torch.tensor([[[0.0, 0.0, 1.0]]], dtype=linear.dtype, device=linear.device)
        return torch.cat([torch.cat([linear, self.shift], dim=2), last], dim=1)

    def forward_inverse(self) -> Matrix:
        """Return its inverse, (1, 3, 3)."""
        return torch.linalg.inv(self.forward())


_MODELS: dict[str, Callable[[], BaseModel]] = {
    "homography": Homography,
    "similarity": Similarity,
    "translation": lambda: Similarity(rotation=False, scale=False),
    "scale": lambda: Similarity(rotation=False, shift=False),
    "rotation": lambda: Similarity(scale=False, shift=False),
}


class ImageRegistrator(nn.Module):
    """Find the transform under which one image looks like another, by gradient descent on pyramids of both.

    Args:
        model_type: "homography", "similarity", "translation", "scale", "rotation", or a `BaseModel`.
        optimizer: class of the optimizer, called with the parameters and `lr`.
        loss_fn: called with both images and `reduction="none"`.
        pyramid_levels: levels of the pyramids.
        lr: step of the optimizer.
        num_iterations: steps at each level, at most.
        tolerance: a level ends when the loss changes by less from one step to the next.
        warper: class called with height and width, whose instances warp images by a transform; goes with a `BaseModel`.
        allow_shape_mismatch: resize the source to the destination, else they must have one shape.

    Raises:
        TypeError: `pyramid_levels` or `num_iterations` is no integer.
        ValueError: an unknown model, a `BaseModel` without `warper`, or no levels.

    Convention: the transforms send pixels of the destination to the source, both in coordinates that are [-1, 1] from
    edge to edge. The loss counts both ways, the source warped and the destination warped back.

    >>> registrator = ImageRegistrator("translation", pyramid_levels=1, num_iterations=5)
    >>> registrator.register(torch.rand(1, 1, 9, 9), torch.rand(1, 1, 9, 9)).shape
    torch.Size([1, 3, 3])
    """

    def __init__(
        self,
        model_type: str | BaseModel = "homography",
        optimizer: type[Optimizer] = Adam,
        loss_fn: Callable[..., Tensor] = functional.l1_loss,
        pyramid_levels: int = 5,
        lr: float = 1e-3,
        num_iterations: int = 100,
        tolerance: float = 1e-4,
        warper: Callable[..., Any] | None = None,
        allow_shape_mismatch: bool = False,
    ) -> None:
        super().__init__()
        if isinstance(model_type, str):
            check_option(model_type, "model_type", tuple(_MODELS))
            self.model = _MODELS[model_type]()
            self.warper = HomographyWarper if warper is None else warper
        elif warper is None:
            raise ValueError("warper must be given together with a model of one's own, got None")
        else:
            self.model, self.warper = model_type, warper
        check_count(pyramid_levels, "pyramid_levels")
        check_positive(pyramid_levels, "pyramid_levels")
        check_count(num_iterations, "num_iterations")
        self.optimizer = optimizer
        self.loss_fn = loss_fn
        self.pyramid_levels = pyramid_levels
        self.lr = lr
        self.num_iterations = num_iterations
        self.tolerance = tolerance
        self.allow_shape_mismatch = allow_shape_mismatch

    def reset_model(self) -> None:
        """Make the model the identity."""
        self.model.reset_model()

    def get_single_level_loss(self, img_src: Tensor, img_dst: Tensor, transform_model: Tensor) -> Tensor:
        """Return the mean loss over the pixels of the destination that the source covers, zero if there are none."""
        warper = self.warper(img_dst.shape[-2], img_dst.shape[-1])
        loss = self.loss_fn(warper(img_src, transform_model), img_dst, reduction="none")
        covered = (warper(torch.ones_like(img_src), transform_model).detach() > INSIDE).expand_as(loss)
        return torch.where(covered, loss, 0).sum() / covered.sum().clamp(min=1)

    def register(
        self,
        src_img: Float[Tensor, "batch channels height width"],
        dst_img: Float[Tensor, "batch channels rows columns"],
        verbose: bool = False,
        output_intermediate_models: bool = False,
    ) -> Tensor | tuple[Tensor, list[Tensor]]:
        """Return the transform that warps the source into the destination, found from the identity on.

        Args:
            src_img: the source, (B, C, H, W).
            dst_img: the destination, (B, C, H, W).
            verbose: print the loss of every tenth step.
            output_intermediate_models: return also the transform that each level ended with, coarse to fine.
        """
        for name, image in (("src_img", src_img), ("dst_img", dst_img)):
            check_floating(image, name)
            check_shape(image, name, "B", "C", "H", "W")
        if self.allow_shape_mismatch and src_img.shape[2:] != dst_img.shape[2:]:
            src_img = resize(src_img, (dst_img.shape[2], dst_img.shape[3]))
        if src_img.shape != dst_img.shape:
            wanted, came = tuple(dst_img.shape), tuple(src_img.shape)
            raise ValueError(f"src_img must have the shape {wanted} of dst_img (see allow_shape_mismatch), got {came}")
        self.reset_model()
        if isinstance(self.model, Similarity):
            self.model.set_image_shape(dst_img.shape[2], dst_img.shape[3])
        optimizer: Any = self.optimizer(self.model.parameters(), lr=self.lr)  # pyright: ignore[reportCallIssue]
        pyramids = (build_pyramid(image, self.pyramid_levels) for image in (src_img, dst_img))
        found: list[Tensor] = []
        for source, destination in reversed([*zip(*pyramids, strict=True)]):
            self._descend(optimizer, source, destination, verbose)
            found.append(self.model().detach().clone())
        return (self.model(), found) if output_intermediate_models else self.model()

    def _descend(self, optimizer: Any, source: Tensor, destination: Tensor, verbose: bool) -> None:
        """Take the steps of one level."""
        previous = float("inf")
        for iteration in range(self.num_iterations):
            optimizer.zero_grad()
            loss = self.get_single_level_loss(source, destination, self.model())
            loss = loss + self.get_single_level_loss(destination, source, self.model.forward_inverse())
            current = loss.item()
            if abs(current - previous) < self.tolerance:
                return
            previous = current
            loss.backward()
            optimizer.step()
            if verbose and iteration % 10 == 0:
                print(f"loss = {current:.4f}, iteration {iteration}")

    def warp_src_into_dst(self, src_img: Tensor) -> Tensor:
        """Warp the source by the transform found."""
        return self.warper(src_img.shape[-2], src_img.shape[-1])(src_img, self.model())

    def warp_dst_into_src(self, dst_img: Tensor) -> Tensor:
        """Warp the destination by the inverse of the transform found."""
        return self.warper(dst_img.shape[-2], dst_img.shape[-1])(dst_img, self.model.forward_inverse())

    def warp_dst_inro_src(self, dst_img: Tensor) -> Tensor:
        """Call `warp_dst_into_src`, which once had this name."""
        return self.warp_dst_into_src(dst_img)
