# SPDX-License-Identifier: Apache-2.0
"""Filters of images: linear, rank, edge-preserving, and edges."""

__all__: list[str] = []
