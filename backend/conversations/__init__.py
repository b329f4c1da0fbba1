"""Conversations: what was said, where the dialogue stands, and whether a person has taken over."""
