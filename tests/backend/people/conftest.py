"""The whole house, where a person has to be forgotten everywhere."""

from tests.attacks.conftest import stand

__all__ = ["stand"]
