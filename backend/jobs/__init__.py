"""Scheduled work: everything with a due time is a row; the jobs here only look for rows that are due."""
