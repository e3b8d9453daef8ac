# SPDX-License-Identifier: Apache-2.0
"""The chapter on training with image losses."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import torch
from matplotlib.figure import Figure as Canvas

from foveal.apps.autoencoder import (
    LOSSES,
    Comparison,
    Options,
    Photo,
    Photos,
    TrainingError,
    compare,
    edges,
    read_photos,
    train,
)
from foveal.apps.photo import PhotoError, read_photo
from foveal.apps.report.chapter import Chapter, Facts, Figure, Settings, Table, Text
from foveal.apps.report.plots import bare_axes, picture
from foveal.apps.stopwatch import Stopwatch

# So few that the page is there soon; the command trains longer.
STEPS = 600
OPTIONS = Options(batch=8)
NAMES = {"l1": "L1", "edges": "L1 and edges"}


def image_losses(settings: Settings) -> Chapter:
    """Train an autoencoder with and without the difference of edges in its loss."""
    photos = _read(settings)
    watch = Stopwatch(settings.announce)
    models = {}
    for loss in LOSSES:
        with watch.step(f"Train with {NAMES[loss]}"), _one_thread():
            advance = _announcer(settings, loss)
            models[loss] = train(photos.training, OPTIONS, loss, STEPS, advance=advance)
    comparison = compare(models, photos.test)
    return Chapter(
        "Training with image losses",
        _summary(photos, comparison),
        (
            _facts(comparison),
            _reconstructions(comparison),
            _table(comparison, list(watch.seconds.values())),
            Text(_method(photos), heading="How it was trained"),
        ),
    )


def _read(settings: Settings) -> Photos:
    """Return photographs of scikit-image to train on, and the user's own to look at where there is one."""
    own = None
    if settings.photo is not None:
        photo = read_photo(settings.photo)
        own = Photo(photo.name, (photo.colours * 255).round().to(torch.uint8))
    try:
        photos = read_photos(None, OPTIONS.size, settings.announce)
    except TrainingError as error:
        if own is None:
            raise PhotoError(str(error)) from None
        return Photos((own,), (own,))
    return photos if own is None else Photos(photos.training, (own,))


@contextmanager
def _one_thread() -> Generator[None]:
    """Compute on one thread: so small a model gains little from more, and loses much where the machine is busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _announcer(settings: Settings, loss: str) -> Callable[[int], None]:
    def announce(done: int) -> None:
        if done % 20 == 0:
            settings.announce(f"Train with {NAMES[loss]}: step {done} of {STEPS}")

    return announce


def _summary(photos: Photos, comparison: Comparison) -> str:
    share = 3 * 8 * 8 / OPTIONS.code
    plain, sharp = (comparison.scores[loss].edge_error for loss in LOSSES)
    unseen = "in which it was not trained" if photos.test != photos.training else "in which it was trained"
    change = f"{abs(1 - sharp / plain):.0%} {'lower' if sharp < plain else 'higher'}"
    return f"""A small convolutional autoencoder learns to write pictures in {share:.0f} times fewer numbers: once with
        the absolute difference of pixels as its loss, once with the difference of Sobel's edges beside it, through
        which `foveal.filters.sobel` carries the gradient. On a photograph ({comparison.names[0]}) {unseen}, the edge
        error is {change} with edges in the loss."""


def _facts(comparison: Comparison) -> Facts:
    return Facts(
        tuple(
            (f"{comparison.scores[loss].edge_error:.4f}", f"edge error, trained with {NAMES[loss]}") for loss in LOSSES
        )
        + tuple(
            (f"{comparison.scores[loss].edge_share:.0%}", f"of the edges are left, trained with {NAMES[loss]}")
            for loss in LOSSES
        )
    )


def _reconstructions(comparison: Comparison) -> Figure:
    images = {"photograph": comparison.original}
    images |= {f"trained with {NAMES[loss]}": image for loss, image in comparison.reconstructions.items()}
    _, height, width = comparison.original.shape
    canvas = Canvas(figsize=(10, 2 * 10 / 3 * height / width + 0.3), layout="constrained")
    rows = canvas.subplots(2, len(images), squeeze=False)
    for (title, image), top, bottom in zip(images.items(), *rows, strict=True):
        top.imshow(image.movedim(0, -1).numpy(), interpolation="antialiased")
        bottom.imshow(edges(image).movedim(0, -1).numpy(), interpolation="antialiased")
        # Grey that can be read on a light and on a dark page.
        top.set_title(title, fontsize=9.5, loc="left", color="#808893")
    for axes in canvas.axes:
        bare_axes(axes)
    return picture(
        canvas,
        alt="The photograph and its two reconstructions, and under each of them its edges.",
        caption="What comes back from the code, and the edges of each (root of the magnitude, per colour).",
    )


def _table(comparison: Comparison, seconds: list[float]) -> Table:
    rows = [
        (
            NAMES[loss],
            f"{scores.absolute_error:.4f}",
            f"{scores.edge_error:.5f}",
            f"{scores.edge_share:.0%}",
            f"{time:.1f}",
        )
        for (loss, scores), time in zip(comparison.scores.items(), seconds, strict=True)
    ]
    header = ("trained with", "absolute error", "edge error", "edges left", "training, s")
    return Table(
        header,
        tuple(rows),
        "Errors of the reconstructions, with pixels in [0, 1]. The edge error is the mean absolute difference of "
        "Sobel's magnitudes; edges left is the sum of the magnitudes over that of the photograph.",
    )


def _method(photos: Photos) -> str:
    names = ", ".join(photo.name for photo in photos.training)
    return f"""Both start from the same weights and see the same patches of {OPTIONS.size} x {OPTIONS.size} pixels in
        the same order, cut at random and mirrored at random out of photographs ({names}): {STEPS} steps of Adam on
        {OPTIONS.batch} patches each. The edges count {OPTIONS.edge_weight:g} times in the loss.

        `python -m foveal.apps.autoencoder FOLDER -o OUT` does it longer, on images of your own, on one process or,
        under `torchrun`, on many, and goes on where it was when it is killed."""
