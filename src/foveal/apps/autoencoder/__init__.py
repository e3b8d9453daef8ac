# SPDX-License-Identifier: Apache-2.0
"""Training with image losses: an autoencoder trained by L1, and by L1 and the difference of Sobel's edges.

`python -m foveal.apps.autoencoder FOLDER -o OUT` trains both, `torchrun -m foveal.apps.autoencoder` on many processes.
After Riba et al. 2020, "A survey on Kornia" (arXiv:2009.10521).
"""

from foveal.apps.autoencoder.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from foveal.apps.autoencoder.data import Photo, Photos, draw_patches, read_photos
from foveal.apps.autoencoder.evaluation import Comparison, Scores, compare, edges, write_comparison
from foveal.apps.autoencoder.model import Autoencoder, edge_error, new_model, reconstruction_loss
from foveal.apps.autoencoder.options import LOSSES, Options, TrainingError
from foveal.apps.autoencoder.processes import Processes, joined
from foveal.apps.autoencoder.training import train

__all__ = [
    "LOSSES",
    "Autoencoder",
    "Checkpoint",
    "Comparison",
    "Options",
    "Photo",
    "Photos",
    "Processes",
    "Scores",
    "TrainingError",
    "compare",
    "draw_patches",
    "edge_error",
    "edges",
    "joined",
    "load_checkpoint",
    "new_model",
    "read_photos",
    "reconstruction_loss",
    "save_checkpoint",
    "train",
    "write_comparison",
]
