"""Secrets that are handed out once: only their hash is kept."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, fit for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored in its place, and what it is looked up by."""
    return hashlib.sha256(token.encode()).hexdigest()
