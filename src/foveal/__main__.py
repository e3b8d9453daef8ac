# SPDX-License-Identifier: Apache-2.0
"""Started by `python -m foveal`."""

from foveal.cli import main

if __name__ == "__main__":
    main()
