"""Residents, their channels, staff users, and the protection of everything personal."""
