# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from foveal.apps.autoencoder import (
    Autoencoder,
    Options,
    Photo,
    Processes,
    TrainingError,
    compare,
    load_checkpoint,
    read_photos,
    train,
)

OPTIONS = Options(batch=2, size=16, width=4, code=2)
PHOTOS = [
    Photo("noise", torch.randint(256, (3, 40, 40), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)))
]


def weights(model: Autoencoder) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


class InterruptedRunError(Exception):
    pass


@pytest.mark.parametrize("loss", ["l1", "edges"])
@pytest.mark.parametrize("after", [0, 3, 4, 5])
def test_a_resumed_run_ends_with_the_weights_of_an_unbroken_one(tmp_path: Path, loss: str, after: int) -> None:
    def interrupt(done: int) -> None:
        if done == after:
            raise InterruptedRunError

    def run(**options: Any) -> Autoencoder:
        return train(PHOTOS, OPTIONS, loss, 7, checkpoint=tmp_path / "state.pt", every=2, **options)

    with pytest.raises(InterruptedRunError):
        run(advance=interrupt)
    steps = list[int]()
    resumed = run(advance=steps.append)
    assert steps == list(range(after // 2 * 2, 8))
    assert torch.equal(weights(resumed), weights(train(PHOTOS, OPTIONS, loss, 7)))
    assert torch.equal(weights(run()), weights(resumed))
    found = load_checkpoint(tmp_path / "state.pt")
    assert found is not None
    assert found.step == 7


def test_a_run_cannot_be_changed_half_way(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"

    def run(steps: int = 2, loss: str = "l1", digest: str = "a", **changes: Any) -> Autoencoder:
        return train(PHOTOS, replace(OPTIONS, **changes), loss, steps, digest=digest, checkpoint=path)

    run()
    for changes, message in (
        ({"steps": 3}, r"state\.pt was made with steps 2, not 3: give that, or another folder"),
        ({"loss": "edges"}, "was made with loss l1, not edges"),
        ({"width": 5}, "was made with width 4, not 5"),
        ({"digest": "b"}, "was made with photographs a, not b"),
    ):
        with pytest.raises(TrainingError, match=message):
            run(**changes)


def test_the_state_of_another_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    train(PHOTOS, OPTIONS, "l1", 1, checkpoint=path)
    content = torch.load(path, weights_only=True)
    del content["model"]["decoder.0.bias"]
    torch.save(content, path)
    with pytest.raises(TrainingError, match="holds the state of another model"):
        train(PHOTOS, OPTIONS, "l1", 1, checkpoint=path)


def test_divergence_keeps_the_good_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    with pytest.raises(TrainingError, match="training diverged before step 4: lower the rate"):
        train(PHOTOS, replace(OPTIONS, rate=1e30), "edges", 4, checkpoint=path)
    assert not path.exists()


def test_wrong_options() -> None:
    for changes, message in (
        ({"batch": 0}, "batch must be at least 1, got 0"),
        ({"size": 12}, "size must be a multiple of 8, got 12"),
        ({"rate": float("nan")}, "rate must be a positive number, got nan"),
        ({"edge_weight": -1.0}, "edge_weight must be a positive number"),
        ({"seed": -1}, "seed must not be negative"),
    ):
        with pytest.raises(ValueError, match=message):
            replace(OPTIONS, **changes)
    with pytest.raises(ValueError, match="loss must be one of l1, edges, got l2"):
        train(PHOTOS, OPTIONS, "l2", 1)
    with pytest.raises(ValueError, match="batch must be a multiple of the 3 processes, got 2"):
        train(PHOTOS, OPTIONS, "l1", 1, processes=Processes(0, 3))


def test_training_lowers_the_errors_and_edges_in_the_loss_that_of_edges() -> None:
    photos = read_photos(None, 64, print)
    options = Options(batch=4, size=32, width=8, edge_weight=5.0, rate=1e-2)
    photos = [Photo(photo.name, photo.pixels[:, 50:178, 150:278]) for photo in photos.training[:1]]
    losses = ("l1", "edges")
    models = {f"{loss} {steps}": train(photos, options, loss, steps) for loss in losses for steps in (0, 250)}
    result = compare(models, photos)
    for loss in losses:
        assert result.scores[f"{loss} 250"].absolute_error < 0.5 * result.scores[f"{loss} 0"].absolute_error
    assert result.scores["edges 250"].edge_error < 0.97 * result.scores["l1 250"].edge_error
    assert result.original.shape == result.reconstructions["l1 250"].shape == (3, 128, 128)
