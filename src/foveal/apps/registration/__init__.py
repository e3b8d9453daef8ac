# SPDX-License-Identifier: Apache-2.0
"""Registration of two images: from coarse to fine, by Gauss-Newton or by gradient descent."""

from foveal.apps.registration.level import Level
from foveal.apps.registration.pictures import checkerboard, difference
from foveal.apps.registration.register import Registration, RegistrationError, register

__all__ = ["Level", "Registration", "RegistrationError", "checkerboard", "difference", "register"]
