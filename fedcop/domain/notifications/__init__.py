"""What concerns a person, and why."""
