"""The whole house, where a person has to be forgotten everywhere."""

from tests.attacks.conftest import impatient, stand

__all__ = ["impatient", "stand"]
