"""Channels translate between a vendor's form and the one vocabulary of `bot.messages`; nothing else."""
