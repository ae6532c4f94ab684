"""What cannot be saved: the signature that has to be made or checked, and the bytes to be read."""

from collections.abc import Callable

from fedcop.activitypub.signatures.keys import PrivateKey
from tests.bench.measure import in_turn

_TEXT = b"(request-target): post /inbox\nhost: cop.example\n" * 4


def verifying(key: PrivateKey, many: int) -> float:
    """CPU µs to check one RSA-2048 signature with a key that is at hand."""
    return in_turn(many, a_signature(key), 2_000)


def a_signature(key: PrivateKey) -> Callable[[], bool]:
    """What checks one signature of this key."""
    public, signature = key.public, key.sign(_TEXT)
    return lambda: public.verifies(signature, _TEXT)


def signing(key: PrivateKey, many: int) -> float:
    """CPU µs to make one RSA-2048 signature with a key that is loaded."""
    return in_turn(many, lambda: key.sign(_TEXT), 300)
