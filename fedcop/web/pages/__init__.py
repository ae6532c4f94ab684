"""Every page that a person reads, and the forms on it."""
