# SPDX-License-Identifier: Apache-2.0
"""Geometric transforms: crops and warps."""
