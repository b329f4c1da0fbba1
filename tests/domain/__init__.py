"""Proofs of the quiet room's rules."""
