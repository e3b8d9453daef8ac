# SPDX-License-Identifier: Apache-2.0
import torch

from benchmarks.enhance.case import adjustment_races

STATISTICS = {"mean": torch.tensor([0.485, 0.456, 0.406]), "std": torch.tensor([0.229, 0.224, 0.225])}

RACES = [*adjustment_races("normalize", **STATISTICS), *adjustment_races("denormalize", **STATISTICS)]
