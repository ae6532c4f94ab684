"""Passwords, hashed with Argon2id. Slow on purpose: call these off the event loop."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from fedcop.errors import Invalid, Sentence

SHORTEST = 10
LONGEST = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's minimum
_two_at_a_time = threading.BoundedSemaphore(2)
_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$fb2yEzY+lrqhpJJVnkrOQA"
    "$7zdLLWdhpqs7R5cPBFfcC8Vq+6tDQ+SlqLoX0WnSjOs"
)
"""A hash of the same cost, so that a name that nobody has is no faster."""


def hash_password(password: str) -> str:
    """The hash to be stored; raises Invalid (field `password`) if it is too short or too long."""
    if len(password) < SHORTEST:
        raise Invalid(
            fields={"password": Sentence("Use {least} characters or more.", least=SHORTEST)}
        )
    if len(password) > LONGEST:
        raise Invalid(fields={"password": Sentence("At most {most} characters.", most=LONGEST)})
    with _two_at_a_time:
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password; as slow when there is no such account (`stored` is None)."""
    with _two_at_a_time:
        try:
            _hasher.verify(stored or _NOBODY, password[:LONGEST])
        except (VerifyMismatchError, InvalidHashError):
            return False
    return stored is not None
