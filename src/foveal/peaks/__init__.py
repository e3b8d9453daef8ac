# SPDX-License-Identifier: Apache-2.0
"""Peak finding in confidence maps: batched, differentiable, unbiased."""
