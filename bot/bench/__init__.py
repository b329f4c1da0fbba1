"""The budgets, measured: every figure stands beside what the same machine does at its best in the same run."""
