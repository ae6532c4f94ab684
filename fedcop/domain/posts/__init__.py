"""Discussions and replies: all that is said, whatever its kind."""
