# SPDX-License-Identifier: Apache-2.0
"""Started by `python -m foveal.apps.autoencoder`."""

import typer

from foveal.apps.autoencoder.command import main

application = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
application.command()(main)

if __name__ == "__main__":
    application(prog_name="python -m foveal.apps.autoencoder")
