"""Telling people: the outbox, the planner of routes, the texts of milestones, the courier port and the ledger."""
