"""The guarded way out: every request to another server goes through this package."""
