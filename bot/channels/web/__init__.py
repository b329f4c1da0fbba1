"""The web chat page: a channel whose people need no account anywhere, only a browser."""
