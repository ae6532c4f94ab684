"""Measures FedCoP against limits that the same run measures: `python -m tests.bench`."""
