# SPDX-License-Identifier: Apache-2.0
"""What predicted and true regions have in common, class by class."""

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from foveal._op import op
from foveal.losses._labels import kept_logits, split_labels

PerClass = Float[Tensor, "batch classes"]


@op
def overlap(
    pred: Float[Tensor, "batch classes *space"], target: Integer[Tensor, "batch *space"], ignore_index: int | None
) -> tuple[PerClass, PerClass, PerClass]:
    """Return the sizes of intersection, predicted region and true region of each class, in float32 at least.

    Args:
        pred: logits, (B, C, *); a pixel is in the predicted region of a class by its softmax probability.
        target: class indices in [0, C), (B, *).
        ignore_index: pixels of this label are in no region.
    """
    wide = torch.promote_types(pred.dtype, torch.float32)
    labels, kept = split_labels(target, ignore_index)
    probabilities = kept_logits(pred, kept, wide).softmax(dim=1)[..., None].flatten(2)
    labels, kept = (part[..., None].flatten(1).unsqueeze(1) for part in (labels, kept))
    # A look-up, which refuses labels out of range; a comparison would pass them over.
    hits = probabilities.gather(1, labels)
    classes = torch.arange(pred.shape[1], device=pred.device).unsqueeze(1)
    belongs = (labels == classes) & kept
    intersection = torch.where(belongs, hits, 0).sum(dim=-1)
    predicted = torch.where(kept, probabilities, 0).sum(dim=-1)
    return intersection, predicted, belongs.sum(dim=-1).to(wide)
