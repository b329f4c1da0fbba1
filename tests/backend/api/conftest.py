"""The real application with API tokens; one house per module."""

from tests.attacks.conftest import stand

__all__ = ["stand"]
