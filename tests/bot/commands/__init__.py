"""The commands as people run them: the real program, a scratch folder, nothing stubbed."""
