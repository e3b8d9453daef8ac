# SPDX-License-Identifier: Apache-2.0
"""Applications that solve whole problems."""
