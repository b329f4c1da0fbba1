"""Trying a rule, a calendar or a roster before switching it on: days played through the true rules."""
