"""Telegram through aiogram 3: updates in, messages with buttons out. Off unless switched on."""
