"""The real application with API tokens; one house per module."""

from tests.attacks.conftest import impatient, stand

__all__ = ["impatient", "stand"]
