"""What the law gives a person over their data: to see all of it, and to have it forgotten (PIPL, articles 45–47)."""
