# SPDX-License-Identifier: Apache-2.0
"""Adjustments of tone and colour, histograms, equalization and coding of images."""

__all__: list[str] = []
